/**
 * The session that all windows of this browser share. It is kept in localStorage, or in memory where the browser
 * forbids that, and read again for each request because another window may have renewed or replaced it.
 */
import { post } from './requests.ts';
import { newId, type Language, type SessionAnswer } from './types.ts';

const KEY = 'support-triage.session';

export interface Session {
  readonly token: string;
  /** Stays the same when the token is renewed: tells a renewed session from a new one. */
  readonly conversation: string;
  /** In milliseconds since 1970. */
  readonly renewAt: number;
  readonly expiresAt: number;
}

function isSession(value: unknown): value is Session {
  const session = value as Partial<Session> | null;
  return (
    typeof session?.token === 'string' &&
    typeof session.conversation === 'string' &&
    typeof session.renewAt === 'number' &&
    typeof session.expiresAt === 'number'
  );
}

function fromAnswer(answer: SessionAnswer, conversation: string): Session {
  const now = Date.now();
  return {
    token: answer.token,
    conversation,
    renewAt: now + answer.renew_after * 1000,
    expiresAt: now + answer.expires_in * 1000,
  };
}

let lastTurn: Promise<unknown> = Promise.resolve();

/** One after the other in this window. */
function inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
  const turn = lastTurn.then(action, action);
  lastTurn = turn;
  return turn;
}

/** One window of this browser at a time; where the browser has no locks, or denies them, just one at a time here. */
function alone<Result>(action: () => Promise<Result>): Promise<Result> {
  return inTurn(async () => {
    let started = false;
    try {
      return (await navigator.locks.request(KEY, () => {
        started = true;
        return action();
      })) as Result;
    } catch (error) {
      if (started) {
        throw error;
      }
      return action();
    }
  });
}

export class Sessions {
  /** What could not be written to localStorage. */
  #memory: string | null = null;

  /** The session of this browser, or null. */
  read(): Session | null {
    try {
      const value: unknown = JSON.parse(this.#memory ?? localStorage.getItem(KEY) ?? 'null');
      return isSession(value) && value.expiresAt > Date.now() ? value : null;
    } catch {
      return null; // not ours, or localStorage is blocked
    }
  }

  /** The session, made if there is none. */
  async current(language: Language): Promise<Session> {
    return this.read() ?? (await this.replace(null, language));
  }

  /** A session in place of the one whose token the server refused. Another window may have made it already. */
  async replace(refused: Session | null, language: Language): Promise<Session> {
    return alone(async () => {
      const session = this.read();
      if (session && session.token !== refused?.token) {
        return session;
      }
      return this.#write(fromAnswer(await post<SessionAnswer>('sessions', { language }), newId()));
    });
  }

  /** Renew the session if it is time. */
  async renewIfDue(): Promise<void> {
    const isDue = () => (this.read()?.renewAt ?? Infinity) <= Date.now();
    if (!isDue()) {
      return;
    }
    await alone(async () => {
      const session = this.read();
      if (session && isDue()) {
        const answer = await post<SessionAnswer>('sessions/renew', {}, session.token);
        this.#write(fromAnswer(answer, session.conversation));
      }
    });
  }

  /** Call back when another window has changed the session. Returns what stops it. */
  onChange(callback: () => void): () => void {
    const listener = (event: StorageEvent) => {
      if (event.key === KEY || event.key === null) {
        callback();
      }
    };
    addEventListener('storage', listener);
    return () => removeEventListener('storage', listener);
  }

  #write(session: Session): Session {
    const text = JSON.stringify(session);
    try {
      localStorage.setItem(KEY, text);
      this.#memory = null;
    } catch {
      this.#memory = text;
    }
    return session;
  }
}
