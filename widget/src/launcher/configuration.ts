/** What the server puts into the script, and what the script's element says. */

export type Language = 'en' | 'nl';
export type Strings = Readonly<Record<string, string>>;

interface Configuration {
  readonly strings: Readonly<Record<Language, Strings>>;
  readonly origins: readonly string[];
}

/** The server replaces the string. */
export const configuration = JSON.parse('__LAUNCHER__') as Configuration;

export function languageOf(script: HTMLScriptElement): Language {
  const wanted = script.dataset.lang || document.documentElement.lang;
  return wanted.slice(0, 2).toLowerCase() === 'nl' ? 'nl' : 'en';
}

/** Whether this page may show the widget. Host pages change arrays' methods, so none are used. */
export function isAllowed(own: string): boolean {
  const { origins } = configuration;
  let isListed = location.origin === own;
  for (let index = 0; index < origins.length; index += 1) {
    isListed ||= origins[index] === location.origin;
  }
  return isListed;
}
