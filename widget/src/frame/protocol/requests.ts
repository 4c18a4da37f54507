/** Requests to the server, and what can come of them. */

const TIMEOUT = 20_000; // milliseconds

/** The server's answer that it does not take a request, in the person's language. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;

  constructor(status: number, code: string, message: string) {
    super(message);
    this.name = 'Refusal';
    this.status = status;
    this.code = code;
  }

  /** Whether the same request may succeed later. */
  get passing(): boolean {
    return this.status === 429 || this.status >= 500;
  }

  /** Whether the token is not good (any more). */
  get sessionIsOver(): boolean {
    return this.status === 401;
  }
}

async function refusal(response: Response): Promise<Refusal> {
  let code = 'failed';
  let message = '';
  try {
    const body = (await response.json()) as { error?: unknown; message?: unknown };
    code = String(body.error ?? code);
    message = typeof body.message === 'string' ? body.message : '';
  } catch {
    // A proxy's own error page is no JSON; the status says enough.
  }
  return new Refusal(response.status, code, message);
}

/** Post to `/widget/<path>`. Throws a Refusal, or what fetch throws when the server cannot be reached. */
export async function post<Answer>(path: string, body: unknown, token?: string): Promise<Answer> {
  const response = await fetch(`/widget/${path}`, {
    method: 'POST',
    headers: { 'Content-Type': 'application/json', ...(token && { Authorization: `Bearer ${token}` }) },
    body: JSON.stringify(body),
    credentials: 'omit',
    keepalive: true, // what was sent arrives although the page is closed just then
    signal: AbortSignal.timeout(TIMEOUT),
  });
  if (!response.ok) {
    throw await refusal(response);
  }
  return (await response.json()) as Answer;
}

/** Open the stream of what comes after message number `after`. Throws as `post` does. */
export async function openEvents(token: string, after: number, signal: AbortSignal): Promise<Response> {
  const response = await fetch('/widget/events', {
    headers: {
      Accept: 'text/event-stream',
      Authorization: `Bearer ${token}`,
      ...(after > 0 && { 'Last-Event-ID': String(after) }),
    },
    cache: 'no-store',
    credentials: 'omit',
    signal,
  });
  if (!response.ok) {
    throw await refusal(response);
  }
  return response;
}
