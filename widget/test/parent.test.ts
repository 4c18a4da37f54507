import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { connectToParent } from '../src/frame/parent.ts';

const HOST = 'https://partner.example';
let page: EventTarget;
const launcher = { postMessage: vi.fn() };

function hear(origin: string, type: string, source: unknown = launcher): void {
  page.dispatchEvent(Object.assign(new Event('message'), { origin, source, data: { supportTriage: 'launcher', type } }));
}

beforeEach(() => {
  launcher.postMessage.mockReset();
  page = new EventTarget();
  vi.stubGlobal('window', { parent: launcher });
  vi.stubGlobal('location', { origin: 'https://assistant.example' });
  vi.stubGlobal('addEventListener', page.addEventListener.bind(page));
});

afterEach(() => vi.unstubAllGlobals());

describe('the launcher', () => {
  it('is answered at its own origin', () => {
    const parent = connectToParent([HOST]);
    hear(HOST, 'hello');
    expect(launcher.postMessage).toHaveBeenLastCalledWith(expect.objectContaining({ type: 'ready' }), HOST);
    parent?.close();
    expect(launcher.postMessage).toHaveBeenLastCalledWith(expect.objectContaining({ type: 'close' }), HOST);
  });

  it('may be of our own origin', () => {
    connectToParent([]);
    hear('https://assistant.example', 'hello');
    expect(launcher.postMessage).toHaveBeenCalledOnce();
  });

  it.each([
    ['another origin', 'https://evil.example', launcher],
    ['another window', HOST, {}],
  ])('is not heard from %s', (_, origin, source) => {
    const parent = connectToParent([HOST]);
    hear(origin, 'hello', source);
    parent?.close();
    expect(launcher.postMessage).not.toHaveBeenCalled();
  });

  it('opens the window, perhaps before anyone waits for that', () => {
    const parent = connectToParent([HOST]);
    const opened = vi.fn();
    hear(HOST, 'open');
    parent?.onOpen(opened);
    hear(HOST, 'open');
    expect(opened).toHaveBeenCalledTimes(2);
  });
});
