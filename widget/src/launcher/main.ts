/** The launcher: a button on a partner's page that opens the chat window in a frame. */
import { isAllowed, languageOf } from './configuration.ts';
import { showLauncher } from './launcher.ts';

const LOADED = Symbol.for('support-triage-widget');

function start(script: HTMLScriptElement): void {
  const page = window as unknown as Record<symbol, boolean | undefined>;
  const { origin } = new URL(script.src);
  if (page[LOADED]) {
    return; // the script stands in the page twice
  }
  page[LOADED] = true;
  if (!isAllowed(origin)) {
    console.warn(`Support triage widget: not shown, because ${location.origin} is not in "origins" of channels.yml.`);
    return;
  }
  showLauncher(origin, languageOf(script));
}

if (document.currentScript instanceof HTMLScriptElement) {
  start(document.currentScript);
}
