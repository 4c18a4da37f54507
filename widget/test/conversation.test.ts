import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Conversation } from '../src/frame/protocol/conversation.ts';
import type { Message } from '../src/frame/protocol/transcript.ts';
import { stubBrowser, type Browser } from './browser.ts';
import { FakeServer, refusal } from './fakeServer.ts';

let browser: Browser;
let server: FakeServer;
const open: Conversation[] = [];

/** Let everything happen that needs no more than `milliseconds`. */
const pass = (milliseconds = 0) => vi.advanceTimersByTimeAsync(milliseconds + 1);

async function start(): Promise<Conversation> {
  const conversation = new Conversation('en');
  open.push(conversation);
  conversation.start();
  await pass();
  return conversation;
}

function messages(conversation: Conversation): Message[] {
  const found = new Map<string, Message>();
  conversation.transcript.changes.subscribe({ next: message => found.set(message.id, message) }).unsubscribe();
  return [...found.values()].sort((one, other) => one.order - other.order).filter(({ delivery }) => delivery !== 'withdrawn');
}

const texts = (conversation: Conversation) => messages(conversation).map(({ text }) => text);
const said = (conversation: Conversation) => messages(conversation).find(({ from }) => from === 'person');

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
  browser = stubBrowser();
  server = new FakeServer().install();
});

afterEach(() => {
  for (const conversation of open.splice(0)) {
    conversation.end();
  }
  vi.useRealTimers();
  vi.unstubAllGlobals();
  vi.restoreAllMocks();
});

describe('connecting', () => {
  it('makes a session, which greets', async () => {
    const conversation = await start();
    expect(texts(conversation)).toEqual(['Hello']);
    expect(conversation.state.connection).toBe('online');
    expect(messages(conversation)[0]?.replayed).toBe(false);
  });

  it('goes on in the same session after a reload, without announcing what was there', async () => {
    await start();
    const reloaded = await start();
    expect(server.of('sessions')).toHaveLength(1);
    expect(messages(reloaded)[0]?.replayed).toBe(true);
    server.add({ text: 'New' });
    await pass();
    expect(messages(reloaded)[1]?.replayed).toBe(false);
  });

  it('resumes after a break, and shows nothing twice', async () => {
    const conversation = await start();
    server.breakStreams();
    server.add({ text: 'Meanwhile' });
    await pass(1000);
    expect(server.of('events').at(-1)?.headers['Last-Event-ID']).toBe('1');
    server.repeat(1);
    server.repeat(2);
    await pass();
    expect(texts(conversation)).toEqual(['Hello', 'Meanwhile']);
  });

  it('waits longer from break to break, up to half a minute', async () => {
    const conversation = await start();
    server.refuse = ({ path }) => (path === 'events' ? refusal(503, 'not_ready', '') : undefined);
    server.breakStreams();
    await pass();
    for (const seconds of [1, 2, 4, 8, 16, 30, 30]) {
      const before = server.of('events').length;
      await vi.advanceTimersByTimeAsync(seconds * 1000 - 10);
      expect(server.of('events')).toHaveLength(before);
      await vi.advanceTimersByTimeAsync(10);
      expect(server.of('events')).toHaveLength(before + 1);
    }
    expect(conversation.state.connection).toBe('reconnecting');
    browser.dispatch('online');
    await pass();
    expect(server.of('events')).toHaveLength(9);
  });

  it('takes a silent stream for a dead one', async () => {
    await start();
    await pass(42_000);
    expect(server.of('events').length).toBeGreaterThan(1);
    expect(server.listeners).toBe(1);
  });

  it('stays away when displaced, until the person comes back', async () => {
    const conversation = await start();
    server.send('displaced');
    await pass(60_000);
    expect(conversation.state.connection).toBe('displaced');
    expect(server.listeners).toBe(0);
    browser.dispatch('focus');
    await pass();
    expect(conversation.state.connection).toBe('online');
  });

  it('works when localStorage is blocked', async () => {
    stubBrowser(null);
    const conversation = await start();
    conversation.say('Anyone?');
    await pass();
    expect(server.of('sessions')).toHaveLength(1);
    expect(texts(conversation)).toEqual(['Hello', 'Anyone?']);
  });
});

describe('sending', () => {
  it('shows the message at once, then as it was stored', async () => {
    const conversation = await start();
    conversation.say('My password is hunter2');
    expect(said(conversation)).toMatchObject({ text: 'My password is hunter2', delivery: 'sending' });
    await pass();
    expect(texts(conversation)).toEqual(['Hello', 'My password is [password]']);
    expect(said(conversation)?.delivery).toBe('stored');
  });

  it('sends the same message again when asked to', async () => {
    const conversation = await start();
    server.refuse = ({ path }) => (path === 'messages' ? 'unreachable' : undefined);
    conversation.say('Hi');
    await pass();
    expect(said(conversation)?.delivery).toBe('failed');
    server.refuse = () => undefined;
    conversation.retry(said(conversation)?.id ?? '');
    await pass();
    const [first, second] = server.of('messages');
    expect(second?.body).toEqual(first?.body);
    expect(texts(conversation)).toEqual(['Hello', 'Hi']);
  });

  it('does not call a message failed that was stored but whose answer was lost', async () => {
    const conversation = await start();
    server.refuse = ({ path }) => (path === 'messages' ? 'answer lost' : undefined);
    conversation.say('Hi');
    await pass();
    expect(said(conversation)?.delivery).toBe('stored');
  });

  it('tells why, and lets try again, when it is too fast', async () => {
    const conversation = await start();
    server.refuse = ({ path }) => (path === 'messages' ? refusal(429, 'too_fast', 'Wait a moment.') : undefined);
    conversation.say('Hi');
    await pass();
    expect(said(conversation)).toMatchObject({ delivery: 'failed', problem: 'Wait a moment.' });
  });

  it.each([
    [400, 'not_offered'],
    [413, 'too_long'],
  ])('tells why, and does not let try again, at %i', async (status, code) => {
    const conversation = await start();
    server.refuse = ({ path }) => (path === 'messages' ? refusal(status, code, 'No.') : undefined);
    conversation.say('Hi');
    await pass();
    expect(said(conversation)).toMatchObject({ delivery: 'refused', problem: 'No.' });
    conversation.retry(said(conversation)?.id ?? '');
    await pass();
    expect(server.of('messages')).toHaveLength(1);
  });

  it('offers the buttons of the latest message only', async () => {
    const conversation = await start();
    const buttons = [{ title: 'Yes', payload: '/yes' }];
    server.add({ id: 'question', buttons });
    server.add({ id: 'aside', from: 'system', kind: 'privacy' });
    await pass();
    expect(conversation.state.latestId).toBe('question');
    conversation.press(buttons[0] as (typeof buttons)[0]);
    expect(conversation.state.latestId).not.toBe('question');
    await pass();
    expect(server.of('messages')[0]?.body).toMatchObject({ payload: '/yes', title: 'Yes' });
  });

  it('tells messages without an id apart', async () => {
    const conversation = await start();
    server.add({ id: null, text: 'one' });
    server.add({ id: null, text: 'two' });
    await pass();
    expect(texts(conversation)).toEqual(['Hello', 'one', 'two']);
  });

  it('offers them again when pressing one failed', async () => {
    const conversation = await start();
    server.add({ id: 'question', buttons: [{ title: 'Yes', payload: '/yes' }] });
    await pass();
    server.refuse = ({ path }) => (path === 'messages' ? 'unreachable' : undefined);
    conversation.press({ title: 'Yes', payload: '/yes' });
    await pass();
    expect(conversation.state.latestId).toBe('question');
  });

  it('marks an answer as rated, also after a reload', async () => {
    const conversation = await start();
    server.add({ id: 'asked', ask_feedback: true });
    await pass();
    await conversation.rate({ id: 'feedback-1', helped: true });
    const reloaded = await start();
    for (const window of [conversation, reloaded]) {
      expect(messages(window).find(({ id }) => id === 'asked')?.rated).toBe(true);
    }
  });
});

describe('sessions', () => {
  it('starts a new one when it has ended, and gives back what was typed', async () => {
    const conversation = await start();
    server.expire();
    conversation.say('Still there?');
    await pass(1000);
    expect(messages(conversation).map(({ kind }) => kind)).toEqual(['note', 'session_over', 'note']);
    expect(messages(conversation)[0]?.over).toBe(true);
    expect(conversation.state.returned).toBe('Still there?');
    expect(server.of('sessions')).toHaveLength(2);
  });

  it('starts a new one when the server says that it has ended', async () => {
    const conversation = await start();
    server.expire();
    server.send('ended');
    await pass();
    expect(messages(conversation).map(({ kind }) => kind)).toEqual(['note', 'session_over', 'note']);
  });

  it('is followed by the other windows', async () => {
    const one = await start();
    const other = await start();
    server.expire();
    one.say('Hi');
    await pass(1000);
    browser.dispatch('storage', { key: 'support-triage.session' });
    await pass();
    expect(server.of('sessions')).toHaveLength(2);
    expect(texts(other)).toEqual(['Hello', '', 'Hello']);
  });

  it('is renewed in time, and all windows use the new token', async () => {
    server.renewAfter = 60;
    const one = await start();
    const other = await start();
    await pass(85_000);
    expect(server.of('sessions/renew')).toHaveLength(1);
    one.say('one');
    other.say('other');
    await pass();
    for (const request of server.of('messages')) {
      expect(request.headers.Authorization).toBe('Bearer token-2');
    }
    expect(texts(one)).toEqual(['Hello', 'one', 'other']);
  });
});
