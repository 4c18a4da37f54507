/** The frame with the chat window, and what is said to it and by it. */
import type { Language } from './configuration.ts';

const PATIENCE = 10_000; // milliseconds until a window that says nothing counts as one that cannot be loaded

type Say = (name: string) => string;

interface Handlers {
  readonly close: () => void;
  readonly language: (language: Language) => void;
}

export class Frame {
  readonly #panel: HTMLElement;
  readonly #origin: string;
  readonly #language: Language;
  readonly #failure = document.createElement('div');
  readonly #message = document.createElement('p');
  readonly #retry = document.createElement('button');
  readonly #close = document.createElement('button');
  #iframe: HTMLIFrameElement;
  #isReady = false;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(panel: HTMLElement, origin: string, language: Language, say: Say, handlers: Handlers) {
    this.#panel = panel;
    this.#origin = origin;
    this.#language = language;
    this.#failure.className = 'failure';
    this.#failure.hidden = true;
    this.#message.setAttribute('role', 'alert');
    this.#retry.type = 'button';
    this.#close.type = 'button';
    this.#retry.addEventListener('click', () => {
      this.#iframe.remove();
      this.#iframe = this.#load(say);
      this.#iframe.focus();
    });
    this.#close.addEventListener('click', handlers.close);
    this.#failure.append(this.#message, this.#retry, this.#close);
    panel.appendChild(this.#failure);
    addEventListener('message', event => {
      if (event.source === this.#iframe.contentWindow && event.origin === origin) {
        this.#hear(event.data, handlers);
      }
    });
    this.#iframe = this.#load(say);
    this.setLanguage(say);
  }

  /** The panel is shown: the window gets the focus. */
  opened(): void {
    if (this.#isReady) {
      this.#iframe.focus();
      this.#tell('open');
    } else if (!this.#failure.hidden) {
      this.#retry.focus();
    }
  }

  setLanguage(say: Say): void {
    this.#iframe.title = say('frame_title');
    this.#retry.textContent = say('retry');
    this.#close.textContent = say('close');
    if (!this.#failure.hidden) {
      this.#message.textContent = say('failed');
    }
  }

  #load(say: Say): HTMLIFrameElement {
    const iframe = document.createElement('iframe');
    iframe.src = `${this.#origin}/widget/frame?lang=${this.#language}`;
    iframe.title = say('frame_title');
    iframe.allow = 'clipboard-write';
    iframe.addEventListener('load', () => this.#tell('hello'));
    this.#isReady = false;
    this.#failure.hidden = true;
    this.#message.textContent = '';
    this.#panel.insertBefore(iframe, this.#failure);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      iframe.hidden = true;
      this.#failure.hidden = false;
      this.#message.textContent = say('failed');
      this.#retry.focus();
    }, PATIENCE);
    return iframe;
  }

  #tell(type: string): void {
    this.#iframe.contentWindow?.postMessage({ supportTriage: 'launcher', type }, this.#origin);
  }

  #hear(data: unknown, handlers: Handlers): void {
    const said = data as { supportTriage?: unknown; type?: unknown; language?: unknown } | null;
    if (said?.supportTriage !== 'frame') {
      return;
    }
    if (said.type === 'ready') {
      clearTimeout(this.#timer);
      this.#isReady = true;
      this.#iframe.hidden = false;
      this.#failure.hidden = true;
      if (!this.#panel.hidden) {
        this.opened();
      }
    } else if (said.type === 'close') {
      handlers.close();
    }
    if (said.language === 'en' || said.language === 'nl') {
      handlers.language(said.language);
    }
  }
}
