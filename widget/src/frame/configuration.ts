/** What the server puts into the page for the window. */
import { isLanguage, type Language } from './protocol/types.ts';
import type { Strings } from './strings.ts';

export interface Configuration {
  readonly language: Language;
  readonly strings: Readonly<Record<Language, Strings>>;
  /** Characters of a message. */
  readonly longest_text: number;
  /** Of the host pages that may show the window. */
  readonly origins: readonly string[];
}

export function readConfiguration(): Configuration {
  const text = document.getElementById('configuration')?.textContent ?? '{}';
  const given = JSON.parse(text) as Partial<Configuration>;
  return {
    language: isLanguage(given.language) ? given.language : 'en',
    strings: { en: {}, nl: {}, ...given.strings },
    longest_text: given.longest_text ?? 2000,
    origins: given.origins ?? [],
  };
}
