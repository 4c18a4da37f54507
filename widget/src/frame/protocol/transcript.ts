/** The messages of this window in their order: stored ones, and the person's own that are still on their way. */
import { Subject, type Observable } from './observable.ts';
import type { Outgoing, StoredMessage } from './types.ts';

/**
 * `refused` will not be taken, `failed` may be tried again, `withdrawn` is no longer shown: its session ended before it
 * was sent.
 */
export type Delivery = 'stored' | 'sending' | 'failed' | 'refused' | 'withdrawn';

export interface Message extends StoredMessage {
  /** Tells it from every other of this window. */
  readonly id: string;
  /** Rises from message to message, through all sessions of this window. */
  readonly order: number;
  readonly delivery: Delivery;
  /** Why it was not taken, in the server's words; may be empty. */
  readonly problem: string;
  /** It was there before this window opened and is not new to the person. */
  readonly replayed: boolean;
  /** Its session is over: nothing in it can be pressed. */
  readonly over: boolean;
  /** The person's answer to `ask_feedback`. */
  readonly rated: boolean;
}

/** Kinds that are said beside the conversation: they do not close the question that was asked. */
const ASIDE = new Set(['privacy', 'system', 'feedback', 'session_over', 'case']);

const PER_SESSION = 1_000_000; // more messages than a conversation can have

export class Transcript {
  readonly #messages = new Map<string, Message>();
  readonly #changes = new Subject<Message>();
  #session = 0;
  #seen = 0;
  #pending = 0;

  /** Every message, and each again when it changes. */
  readonly changes: Observable<Message> = this.#changes.observable(() => this.#messages.values());

  /** The number of the last message that the server sent. */
  get seen(): number {
    return this.#seen;
  }

  get(id: string): Message | undefined {
    return this.#messages.get(id);
  }

  /** The last message of the conversation: only its buttons can be pressed. */
  get latest(): Message | undefined {
    let latest: Message | undefined;
    for (const message of this.#messages.values()) {
      const counts = message.delivery === 'stored' || message.delivery === 'sending';
      if (counts && !message.over && !ASIDE.has(message.kind) && message.order > (latest?.order ?? -1)) {
        latest = message;
      }
    }
    return latest;
  }

  /** Take what the server sent. A message that was seen before is left out. */
  store(stored: StoredMessage, replayed: boolean): void {
    if (stored.seq <= this.#seen) {
      return;
    }
    this.#seen = stored.seq;
    const order = this.#session * PER_SESSION + stored.seq;
    const id = stored.id ?? `message-${order}`;
    this.#put({ ...stored, id, order, delivery: 'stored', problem: '', replayed, over: false, rated: false });
    if (stored.kind === 'feedback') {
      this.#rate(order);
    }
  }

  /** Show what the person sends until the server has stored it. */
  send(outgoing: Outgoing, language: StoredMessage['language']): void {
    this.#pending += 1;
    this.#put({
      seq: this.#seen,
      id: outgoing.id,
      from: 'person',
      kind: 'message',
      language,
      text: 'text' in outgoing ? outgoing.text : outgoing.title,
      at: new Date().toISOString(),
      // After all that was seen, before what comes next; among themselves in the order of sending.
      order: this.#session * PER_SESSION + this.#seen + 1 - 1 / (this.#pending + 1),
      delivery: 'sending',
      problem: '',
      replayed: false,
      over: false,
      rated: false,
    });
  }

  /** Say how sending goes, unless the message has come back already. */
  delivered(id: string, delivery: Delivery, problem = ''): void {
    const message = this.#messages.get(id);
    if (message && message.delivery !== 'stored' && message.delivery !== 'withdrawn') {
      this.#put({ ...message, delivery, problem });
    }
  }

  /** A new session follows: what is here stays to be read. Returns the messages that were not sent. */
  endSession(language: StoredMessage['language']): readonly Message[] {
    const unsent: Message[] = [];
    for (const message of [...this.#messages.values()]) {
      const isUnsent = message.delivery === 'sending' || message.delivery === 'failed';
      if (isUnsent) {
        unsent.push(message);
      }
      this.#put({ ...message, over: true, delivery: isUnsent ? 'withdrawn' : message.delivery });
    }
    this.#session += 1;
    this.#seen = 0;
    this.#put({
      seq: 0,
      id: `session-${this.#session}`,
      from: 'system',
      kind: 'session_over',
      language,
      text: '',
      at: new Date().toISOString(),
      order: this.#session * PER_SESSION,
      delivery: 'stored',
      problem: '',
      replayed: false,
      over: false,
      rated: false,
    });
    return unsent;
  }

  /** The person has answered the last "did this help?" before `order`. */
  #rate(order: number): void {
    let asked: Message | undefined;
    for (const message of this.#messages.values()) {
      if (message.ask_feedback && message.order < order && message.order > (asked?.order ?? -1)) {
        asked = message;
      }
    }
    if (asked) {
      this.#put({ ...asked, rated: true });
    }
  }

  #put(message: Message): void {
    this.#messages.set(message.id, message);
    this.#changes.next(message);
  }
}
