/** One person's conversation as this window sees it: keeps it connected, sends, and tells what changes. */
import type { EventSourceMessage } from 'eventsource-parser';
import { EventStream } from './eventStream.ts';
import { openEvents, post, Refusal } from './requests.ts';
import { Sessions, type Session } from './sessions.ts';
import { Transcript } from './transcript.ts';
import { newId, type Button, type Feedback, type Language, type Outgoing, type StoredMessage } from './types.ts';

const RENEWAL_CHECK = 20_000; // milliseconds
const BETWEEN_SIGNS_OF_TYPING = 3_000;
const LONGEST_TYPING = 90_000; // the server says when it stops; this is for when that gets lost

/** `displaced`: other windows of this session took the places that the server has; this one waits for its person. */
export type Connection = 'connecting' | 'online' | 'reconnecting' | 'displaced';

export interface State {
  readonly connection: Connection;
  readonly typing: boolean;
  /** The message whose buttons can be pressed. */
  readonly latestId: string | null;
  /** The language of the assistant's last message. */
  readonly language: Language;
  /** Text that was typed but not sent when its session ended. */
  readonly returned: string;
}

export class Conversation {
  readonly transcript = new Transcript();
  readonly #sessions: Sessions;
  readonly #outbox = new Map<string, Outgoing>();
  readonly #listeners = new Set<() => void>();
  readonly #stream = new EventStream({
    open: async signal => openEvents((await this.#session()).token, this.transcript.seen, signal),
    onEvent: event => this.#onEvent(event),
    onBroken: (times, error) => this.#onBroken(times, error),
  });
  readonly #cleanUp: (() => void)[] = [];
  #state: State;
  /** The session that was used last, and whether the server has refused it since. */
  #used: Session | null = null;
  #refused = false;
  /** Whether what comes was there before this window opened. */
  #replaying = false;
  #typingEnds: ReturnType<typeof setTimeout> | undefined;
  /** Whether a member of staff talks in the assistant's place: only they have use for a sign of typing. */
  #staffIsHere = false;
  #typedAt = 0;

  constructor(language: Language, sessions: Sessions = new Sessions()) {
    this.#sessions = sessions;
    this.#state = { connection: 'connecting', typing: false, latestId: null, language, returned: '' };
    const { unsubscribe } = this.transcript.changes.subscribe({
      next: () => this.#set({ latestId: this.transcript.latest?.id ?? null }),
    });
    this.#cleanUp.push(unsubscribe);
  }

  /** Connect, and stay connected until `end`. */
  start(): void {
    this.#replaying = this.#sessions.read() !== null;
    const renewal = setInterval(() => void this.#renew(), RENEWAL_CHECK);
    const comeBack = () => {
      // While the first attempt is under way, a second one would take the place of another window.
      const isLost = this.#state.connection === 'reconnecting' || this.#state.connection === 'displaced';
      if (document.visibilityState === 'visible' && isLost) {
        this.#stream.connect();
      }
    };
    addEventListener('online', comeBack);
    addEventListener('focus', comeBack);
    document.addEventListener('visibilitychange', comeBack);
    this.#cleanUp.push(
      () => clearInterval(renewal),
      () => removeEventListener('online', comeBack),
      () => removeEventListener('focus', comeBack),
      () => document.removeEventListener('visibilitychange', comeBack),
      this.#sessions.onChange(() => this.#onOtherWindow()),
    );
    this.#stream.connect();
  }

  end(): void {
    this.#stream.stop();
    clearTimeout(this.#typingEnds);
    for (const action of this.#cleanUp) {
      action();
    }
  }

  /** Connect at once instead of waiting. */
  reconnect(): void {
    this.#stream.connect();
  }

  get state(): State {
    return this.#state;
  }

  /** Call back when the state has changed. Returns what stops it. */
  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  };

  /** Send what the person typed. */
  say(text: string): void {
    this.#send({ id: newId(), text });
  }

  /** Press a button: of the latest message, or one that is always there. */
  press({ payload, title }: Button): void {
    this.#send({ id: newId(), payload, title });
  }

  /** Send a message again that failed, as the same message: the server stores it once. */
  retry(id: string): void {
    const outgoing = this.#outbox.get(id);
    if (outgoing) {
      this.transcript.delivered(id, 'sending');
      void this.#deliver(outgoing);
    }
  }

  /** Tell whether an answer helped. Throws when that could not be told. */
  async rate(feedback: Feedback): Promise<void> {
    await post('feedback', feedback, (await this.#session()).token);
  }

  /** The person is typing; a member of staff who is here is shown it. */
  typed(): void {
    const now = Date.now();
    if (this.#staffIsHere && this.#used && now - this.#typedAt > BETWEEN_SIGNS_OF_TYPING) {
      this.#typedAt = now;
      post('typing', {}, this.#used.token).catch(() => undefined); // nothing depends on it
    }
  }

  /** The typed text that came back has been taken. */
  takeReturned(): void {
    this.#set({ returned: '' });
  }

  #send(outgoing: Outgoing): void {
    this.#outbox.set(outgoing.id, outgoing);
    this.transcript.send(outgoing, this.#state.language);
    void this.#deliver(outgoing);
  }

  async #deliver(outgoing: Outgoing): Promise<void> {
    try {
      const { token } = await this.#session();
      if (this.transcript.get(outgoing.id)?.over) {
        return; // the session was a new one
      }
      await post('messages', outgoing, token);
      this.#outbox.delete(outgoing.id);
      this.transcript.delivered(outgoing.id, 'stored');
    } catch (error) {
      if (error instanceof Refusal && error.sessionIsOver) {
        this.#sessionOver();
      } else if (error instanceof Refusal && !error.passing) {
        this.#outbox.delete(outgoing.id);
        this.transcript.delivered(outgoing.id, 'refused', error.message);
      } else {
        this.transcript.delivered(outgoing.id, 'failed', error instanceof Refusal ? error.message : '');
      }
    }
  }

  /** The session to use now. When it is another than before, this window follows. */
  async #session(): Promise<Session> {
    const session = this.#refused
      ? await this.#sessions.replace(this.#used, this.#state.language)
      : await this.#sessions.current(this.#state.language);
    const before = this.#used;
    this.#used = session;
    this.#refused = false;
    if (before && before.conversation !== session.conversation) {
      this.#follow();
    }
    return session;
  }

  /** Go on in a new session; what was typed and not sent goes back to where it was typed. */
  #follow(): void {
    const texts: string[] = [];
    for (const { id } of this.transcript.endSession(this.#state.language)) {
      const outgoing = this.#outbox.get(id);
      if (outgoing && 'text' in outgoing) {
        texts.push(outgoing.text);
      }
    }
    this.#outbox.clear();
    this.#replaying = false;
    this.#staffIsHere = false;
    this.#set({ returned: texts.join('\n'), typing: false });
    this.#stream.connect();
  }

  #sessionOver(): void {
    this.#refused = true;
    this.#stream.connect();
  }

  #onOtherWindow(): void {
    if (this.#used && this.#sessions.read()?.conversation !== this.#used.conversation) {
      this.#stream.connect();
    }
  }

  async #renew(): Promise<void> {
    try {
      await this.#sessions.renewIfDue();
    } catch (error) {
      if (error instanceof Refusal && error.sessionIsOver) {
        this.#sessionOver();
      }
      // Anything else is tried again at the next check.
    }
  }

  #onEvent({ event, data }: EventSourceMessage): void {
    switch (event) {
      case 'message':
        this.#onMessage(JSON.parse(data) as StoredMessage);
        break;
      case 'typing':
        this.#setTyping((JSON.parse(data) as { on: boolean }).on);
        break;
      case 'ready':
        this.#stream.healthy();
        this.#replaying = false;
        this.#set({ connection: 'online' });
        break;
      case 'displaced':
        this.#stream.stop();
        this.#set({ connection: 'displaced', typing: false });
        break;
      case 'ended':
        this.#sessionOver();
        break;
    }
  }

  #onMessage(message: StoredMessage): void {
    if (message.id) {
      this.#outbox.delete(message.id);
    }
    if (message.from === 'assistant') {
      this.#set({ language: message.language });
    } else if (message.kind === 'joined' || message.kind === 'left') {
      this.#staffIsHere = message.kind === 'joined';
    }
    this.transcript.store(message, this.#replaying);
  }

  #onBroken(times: number, error: unknown): void {
    this.#refused ||= error instanceof Refusal && error.sessionIsOver;
    // A single break is mended before anyone would notice.
    const isNoticed = times > 1 || !navigator.onLine;
    this.#set({ typing: false, ...(isNoticed && { connection: 'reconnecting' as const }) });
  }

  #setTyping(typing: boolean): void {
    clearTimeout(this.#typingEnds);
    if (typing) {
      this.#typingEnds = setTimeout(() => this.#set({ typing: false }), LONGEST_TYPING);
    }
    this.#set({ typing });
  }

  #set(changes: Partial<State>): void {
    const state = { ...this.#state, ...changes };
    const keys = Object.keys(state) as (keyof State)[];
    if (keys.some(key => state[key] !== this.#state[key])) {
      this.#state = state;
      for (const listener of this.#listeners) {
        listener();
      }
    }
  }
}
