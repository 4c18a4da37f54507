/** The server of docs/widget-protocol.md, in the process of the test. */
import { vi } from 'vitest';
import type { StoredMessage } from '../src/frame/protocol/types.ts';

interface Request {
  readonly path: string;
  readonly body: Record<string, unknown>;
  readonly headers: Readonly<Record<string, string>>;
}

interface Listener {
  readonly controller: ReadableStreamDefaultController<Uint8Array>;
  readonly session: FakeSession;
}

class FakeSession {
  readonly messages: StoredMessage[] = [];
}

type Refusing = (request: Request) => Response | 'unreachable' | 'answer lost' | undefined;

const encoder = new TextEncoder();
const json = (status: number, body: unknown) => new Response(JSON.stringify(body), { status });

export const refusal = (status: number, error: string, message: string) => json(status, { error, message });

export class FakeServer {
  /** All requests, in their order. */
  readonly requests: Request[] = [];
  /** Answers in place of the server, where it answers anything. */
  refuse: Refusing = () => undefined;
  renewAfter = 900;
  readonly #sessions = new Map<string, FakeSession>();
  #listeners: Listener[] = [];
  #tokens = 0;

  /** Answer what the code under test fetches. */
  install(): this {
    vi.stubGlobal('fetch', (path: string, init: RequestInit) => this.#answer(path, init));
    return this;
  }

  of(path: string): readonly Request[] {
    return this.requests.filter(request => request.path === path);
  }

  get listeners(): number {
    return this.#listeners.length;
  }

  /** Store a message in every session and send it to who listens. */
  add(message: Partial<StoredMessage>): void {
    for (const session of new Set(this.#sessions.values())) {
      this.#store(session, message);
    }
  }

  send(event: string, data: object = {}): void {
    this.#sendTo(this.#listeners, `event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
  }

  /** Send a message that was sent before once more. */
  repeat(seq: number): void {
    for (const listener of this.#listeners) {
      this.#sendTo([listener], frame(listener.session.messages[seq - 1] as StoredMessage));
    }
  }

  /** Break all streams. */
  breakStreams(): void {
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const { controller } of listeners) {
      controller.error(new TypeError('network error'));
    }
  }

  /** Forget all sessions. */
  expire(): void {
    this.#sessions.clear();
  }

  #store(session: FakeSession, message: Partial<StoredMessage>): void {
    const stored: StoredMessage = {
      seq: session.messages.length + 1,
      id: `stored-${session.messages.length + 1}-${this.#tokens}`,
      from: 'assistant',
      kind: 'answer',
      language: 'en',
      text: '',
      at: '2026-11-24T12:00:00Z',
      ...message,
    };
    session.messages.push(stored);
    this.#sendTo(
      this.#listeners.filter(listener => listener.session === session),
      frame(stored),
    );
  }

  #sendTo(listeners: readonly Listener[], text: string): void {
    for (const { controller } of listeners) {
      controller.enqueue(encoder.encode(text));
    }
  }

  #newToken(session: FakeSession): Response {
    this.#tokens += 1;
    const token = `token-${this.#tokens}`;
    this.#sessions.set(token, session);
    return json(201, { token, expires_in: 43_200, renew_after: this.renewAfter });
  }

  async #answer(path: string, init: RequestInit): Promise<Response> {
    const body = JSON.parse((init.body as string | undefined) ?? '{}') as Record<string, unknown>;
    const request = { path: path.replace('/widget/', ''), body, headers: init.headers as Record<string, string> };
    this.requests.push(request);
    const refused = this.refuse(request);
    if (refused === 'unreachable') {
      throw new TypeError('Failed to fetch');
    }
    if (refused instanceof Response) {
      return refused;
    }
    const answer = this.#handle(request, init.signal);
    if (refused === 'answer lost') {
      throw new TypeError('Failed to fetch');
    }
    return answer;
  }

  #handle({ path, body, headers }: Request, signal: AbortSignal | null | undefined): Response {
    if (path === 'sessions') {
      const session = new FakeSession();
      const answer = this.#newToken(session);
      this.#store(session, { text: 'Hello', kind: 'note', language: body.language as StoredMessage['language'] });
      return answer;
    }
    const session = this.#sessions.get(headers.Authorization?.replace('Bearer ', '') ?? '');
    if (!session) {
      return refusal(401, 'no_session', 'This conversation has ended.');
    }
    switch (path) {
      case 'sessions/renew':
        return this.#newToken(session);
      case 'events':
        return this.#stream(session, Number(headers['Last-Event-ID'] ?? 0), signal);
      case 'messages':
        if (!session.messages.some(({ id }) => id === body.id)) {
          const text = String(body.text ?? body.title).replace('hunter2', '[password]');
          this.#store(session, { id: String(body.id), from: 'person', kind: 'said', text });
        }
        return json(202, { id: body.id });
      case 'feedback':
        this.#store(session, { id: String(body.id), from: 'person', kind: 'feedback', helped: body.helped === true });
        return json(202, { id: body.id });
      default:
        return refusal(404, 'failed', '');
    }
  }

  #stream(session: FakeSession, after: number, signal: AbortSignal | null | undefined): Response {
    const stream = new ReadableStream<Uint8Array>({
      start: controller => {
        const listener = { controller, session };
        for (const message of session.messages.slice(after)) {
          controller.enqueue(encoder.encode(frame(message)));
        }
        controller.enqueue(encoder.encode(`event: ready\ndata: {"seq": ${session.messages.length}}\n\n`));
        this.#listeners.push(listener);
        signal?.addEventListener('abort', () => {
          if (this.#listeners.includes(listener)) {
            this.#listeners = this.#listeners.filter(other => other !== listener);
            controller.error(signal.reason);
          }
        });
      },
    });
    return new Response(stream, { headers: { 'Content-Type': 'text/event-stream' } });
  }
}

function frame(message: StoredMessage): string {
  return `event: message\nid: ${message.seq}\ndata: ${JSON.stringify(message)}\n\n`;
}
