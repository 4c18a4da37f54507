/**
 * What the window and the launcher around it say to each other. The launcher speaks first, so its origin is known; only
 * one that may show the window is heard and answered.
 */
import type { Language } from './protocol/types.ts';

export interface Parent {
  close(): void;
  tellLanguage(language: Language): void;
  /** Call back each time the launcher shows the window, and now if it has been shown. */
  onOpen(callback: () => void): void;
}

/** Null when the page stands by itself. */
export function connectToParent(origins: readonly string[]): Parent | null {
  if (window.parent === window) {
    return null;
  }
  let origin: string | null = null;
  let language: Language | null = null;
  let isOpen = false;
  let opened = () => {};
  const tell = (message: object) => {
    if (origin) {
      window.parent.postMessage({ supportTriage: 'frame', ...message }, origin);
    }
  };
  addEventListener('message', (event: MessageEvent<unknown>) => {
    const isAllowed = event.origin === location.origin || origins.includes(event.origin);
    if (event.source !== window.parent || !isAllowed) {
      return;
    }
    const { supportTriage, type } = (event.data ?? {}) as { supportTriage?: unknown; type?: unknown };
    if (supportTriage !== 'launcher') {
      return;
    }
    if (type === 'hello') {
      origin = event.origin;
      tell({ type: 'ready', language });
    } else if (type === 'open') {
      isOpen = true;
      opened();
    }
  });
  return {
    close: () => tell({ type: 'close' }),
    tellLanguage(now) {
      language = now;
      tell({ type: 'language', language });
    },
    onOpen(callback) {
      opened = callback;
      if (isOpen) {
        opened();
      }
    },
  };
}
