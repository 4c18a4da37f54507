/** What the server and the window say to each other: docs/widget-protocol.md. */

export type Language = 'en' | 'nl';

export interface Button {
  readonly title: string;
  readonly payload: string;
}

export interface Source {
  readonly title: string;
  readonly url: string | null;
  readonly says: string;
}

export interface Progress {
  readonly step: number;
  readonly of: number;
}

/** A message as the server stored it: the data of a `message` event. */
export interface StoredMessage {
  readonly seq: number;
  /** Of the window's making when it is a person's; others may have none. */
  readonly id: string | null;
  readonly from: 'person' | 'assistant' | 'staff' | 'system';
  readonly kind: string;
  readonly language: Language;
  readonly text: string;
  readonly at: string;
  /** Of a member of staff. */
  readonly name?: string;
  readonly buttons?: readonly Button[];
  readonly sources?: readonly Source[];
  readonly progress?: Progress | null;
  readonly ask_feedback?: boolean;
  /** Of a person's `feedback` only. */
  readonly helped?: boolean;
}

/** What a person sends: typed text, or a button with the title that it showed. */
export type Outgoing =
  | { readonly id: string; readonly text: string }
  | { readonly id: string; readonly payload: string; readonly title: string };

export interface Feedback {
  readonly id: string;
  readonly helped: boolean;
  readonly word?: string;
}

export interface SessionAnswer {
  readonly token: string;
  readonly expires_in: number;
  readonly renew_after: number;
}

export function isLanguage(value: unknown): value is Language {
  return value === 'en' || value === 'nl';
}

/** 8 to 64 letters, digits, `-` or `_`. `crypto.randomUUID` needs a secure page; this works on any. */
export function newId(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), byte => byte.toString(16).padStart(2, '0')).join('');
}
