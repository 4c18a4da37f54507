/** The stream of events, opened again whenever it breaks. */
import { createParser, type EventSourceMessage } from 'eventsource-parser';

const LONGEST_WAIT = 30_000; // milliseconds
const SILENCE = 40_000; // the server says something every 15 seconds; a stream that is silent for longer is dead

export interface StreamHandlers {
  /** Open the stream: a request with the token and the number of the last message seen. */
  readonly open: (signal: AbortSignal) => Promise<Response>;
  readonly onEvent: (event: EventSourceMessage) => void;
  /** The stream broke for the nth time in a row; it will be opened again. */
  readonly onBroken: (times: number, error: unknown) => void;
}

export class EventStream {
  readonly #handlers: StreamHandlers;
  #attempt: AbortController | null = null;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;

  constructor(handlers: StreamHandlers) {
    this.#handlers = handlers;
  }

  /** Open the stream now, in place of one that is open or waits. */
  connect(): void {
    this.stop();
    const attempt = new AbortController();
    this.#attempt = attempt;
    this.#read(attempt).then(
      () => this.#broken(attempt, null),
      (error: unknown) => this.#broken(attempt, error),
    );
  }

  stop(): void {
    clearTimeout(this.#timer);
    this.#attempt?.abort();
    this.#attempt = null;
  }

  /** Everything came through: the next break is a first one. */
  healthy(): void {
    this.#failures = 0;
  }

  async #read(attempt: AbortController): Promise<void> {
    let silence: ReturnType<typeof setTimeout> | undefined;
    const heard = () => {
      clearTimeout(silence);
      silence = setTimeout(() => attempt.abort(new Error('silent')), SILENCE);
    };
    try {
      heard();
      const response = await this.#handlers.open(attempt.signal);
      const parser = createParser({
        onEvent: event => {
          if (attempt === this.#attempt) {
            this.#handlers.onEvent(event);
          }
        },
      });
      const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
      for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) {
        heard();
        parser.feed(part.value);
      }
    } finally {
      clearTimeout(silence);
    }
  }

  /** Try again later, unless the attempt was given up on purpose. */
  #broken(attempt: AbortController, error: unknown): void {
    if (attempt !== this.#attempt) {
      return;
    }
    // Not all windows at the same moment, when the server comes back.
    const spread = 0.75 + Math.random() / 2;
    this.#timer = setTimeout(() => this.connect(), spread * Math.min(LONGEST_WAIT, 1000 * 2 ** this.#failures));
    this.#failures += 1;
    this.#handlers.onBroken(this.#failures, error);
  }
}
