/**
 * What the window and the launcher around it say to each other. The launcher speaks first, so its origin is known; only
 * one that may show the window is heard and answered.
 */
import type { Language } from './protocol/types.ts';

export interface Parent {
  close(): void;
  tellLanguage(language: Language): void;
}

/** `onOpen` is called each time the launcher shows the window. Null when the page stands by itself. */
export function connectToParent(origins: readonly string[], onOpen: () => void): Parent | null {
  if (window.parent === window) {
    return null;
  }
  let origin: string | null = null;
  let language: Language | null = null;
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
      onOpen();
    }
  });
  return {
    close: () => tell({ type: 'close' }),
    tellLanguage(now) {
      language = now;
      tell({ type: 'language', language });
    },
  };
}
