/**
 * The conversation as the `directLine` that Web Chat listens to.
 *
 * Sending does not take Web Chat's way: it would post a second message beside the failed one when a person tries again,
 * and forget the message's id. So a message that is on its way is an activity like any other, which is replaced, by its
 * id, when its delivery changes and when it comes back as stored.
 */
import type { Message, Transcript } from './transcript.ts';
import { Subject, type Observable } from './observable.ts';

/** What Web Chat needs to know about a message; what people see of it is drawn from `channelData.message`. */
export interface Activity {
  readonly type: 'message';
  readonly id: string;
  readonly from: { readonly id: string; readonly role: 'user' | 'bot' };
  readonly timestamp: string;
  readonly text: string;
  readonly textFormat: 'plain';
  readonly channelData: {
    readonly message: Message;
    /** The place in the transcript. */
    readonly 'webchat:sequence-id': number;
    /** What a screen reader says when the message is added; nothing when empty. */
    readonly 'webchat:fallback-text': string;
  };
}

export interface DirectLine {
  readonly activity$: Observable<Activity>;
  readonly connectionStatus$: Observable<number>;
  postActivity(): never;
  end(): void;
}

const CONNECTING = 1;
const ONLINE = 2;

/** `spoken` tells what a screen reader says of a message. */
export function toDirectLine(transcript: Transcript, spoken: (message: Message) => string): DirectLine {
  const toActivity = (message: Message): Activity => ({
    type: 'message',
    id: message.id,
    from: message.from === 'person' ? { id: 'person', role: 'user' } : { id: message.from, role: 'bot' },
    timestamp: message.at,
    text: message.text,
    textFormat: 'plain',
    channelData: {
      message,
      'webchat:sequence-id': message.order,
      'webchat:fallback-text': spoken(message),
    },
  });
  return {
    activity$: {
      subscribe: observer =>
        transcript.changes.subscribe({ next: message => observer.next?.(toActivity(message)) }),
    },
    // To Web Chat we are always online: breaks are ours to mend and to tell of.
    connectionStatus$: new Subject<number>().observable(() => [CONNECTING, ONLINE]),
    postActivity() {
      throw new Error('Messages are sent by the conversation.');
    },
    end() {
      // The conversation ends by itself, with the page.
    },
  };
}
