/** As much of a browser as the conversation uses. */
import { vi } from 'vitest';

export class MemoryStorage {
  readonly #values = new Map<string, string>();

  getItem(key: string): string | null {
    return this.#values.get(key) ?? null;
  }

  setItem(key: string, value: string): void {
    this.#values.set(key, value);
  }
}

export interface Browser {
  readonly storage: MemoryStorage;
  readonly navigator: { onLine: boolean };
  /** Tell the window of an event. */
  dispatch(type: string, properties?: object): void;
}

/** Put a browser around the code under test. */
export function stubBrowser(storage: MemoryStorage | null = new MemoryStorage()): Browser {
  const page = new EventTarget();
  const navigator = { onLine: true };
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
  vi.stubGlobal('removeEventListener', page.removeEventListener.bind(page));
  vi.stubGlobal('document', Object.assign(new EventTarget(), { visibilityState: 'visible' }));
  vi.stubGlobal('navigator', navigator);
  if (storage) {
    vi.stubGlobal('localStorage', storage);
  } else {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new DOMException('denied', 'SecurityError');
      },
      setItem: () => {
        throw new DOMException('denied', 'SecurityError');
      },
    });
  }
  return {
    storage: storage ?? new MemoryStorage(),
    navigator,
    dispatch: (type, properties = {}) => page.dispatchEvent(Object.assign(new Event(type), properties)),
  };
}
