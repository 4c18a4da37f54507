/** Web Chat's transcript, with each message drawn by this widget. */
import { Components, hooks } from 'botframework-webchat-component';
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { toDirectLine, type Activity } from '../protocol/directLine.ts';
import { nonce } from '../nonce.ts';
import type { Name } from '../strings.ts';
import { useShared } from './context.ts';
import { MessageView } from './Message.tsx';
import { spokenText } from './spokenText.ts';
import { Typing } from './Typing.tsx';

const { BasicTranscript, Composer } = Components;
const SETTLED = [60, 250]; // milliseconds after a message came, when it is drawn and when the others of a turn are too
const LONGEST_TURN = 2000; // milliseconds in which the messages of one answer come
/** Stays the end while the transcript grows. Web Chat's types know numbers only, what scrolls for it knows this too. */
const END = '100%' as never;

const STYLE = {
  // Long answers stay at their beginning instead of being scrolled past.
  autoScrollSnapOnPage: true,
  backgroundColor: 'transparent',
  hideScrollToEndButton: false,
  paddingRegular: 8,
  primaryFont: 'inherit',
  transcriptActivityVisualKeyboardIndicatorColor: 'var(--focus)',
  transcriptVisualKeyboardIndicatorColor: 'var(--focus)',
} as const;

/** Web Chat's strings that can be seen or heard here. The rest belongs to parts that are not shown. */
const WEB_CHAT_STRINGS: Readonly<Record<string, Name>> = {
  ACTIVITY_BOT_SAID_ALT: 'assistant_said',
  ACTIVITY_YOU_SAID_ALT: 'you_said',
  TRANSCRIPT_ARIA_LABEL_ALT: 'transcript',
  TRANSCRIPT_ARIA_ROLE_ALT: 'transcript_role',
  TRANSCRIPT_MORE_MESSAGES: 'new_messages',
  TRANSCRIPT_NEW_MESSAGES: 'new_messages',
};

interface RenderArguments {
  readonly activity: { readonly channelData?: Partial<Activity['channelData']> };
}

const drawActivity = () => () => ({ activity }: RenderArguments) => {
  const message = activity.channelData?.message;
  return message && message.delivery !== 'withdrawn' && (() => <MessageView message={message} />);
};
const drawNoStatus = () => () => () => false as const;
const drawTyping = () => () => () => (<Typing />) as ReactNode;

/** Where the transcript has to stand to show a message from its beginning; null when all that follows can be seen anyhow. */
function beginningOf(id: string): number | null {
  const message = document.querySelector(`[data-message="${CSS.escape(id)}"]`);
  let view = message?.parentElement;
  while (view && !/auto|scroll/u.test(getComputedStyle(view).overflowY)) {
    view = view.parentElement;
  }
  if (!message || !view) {
    return null;
  }
  const beginning = message.getBoundingClientRect().top - view.getBoundingClientRect().top + view.scrollTop;
  return view.scrollHeight - beginning > view.clientHeight ? Math.max(0, Math.floor(beginning) - 8) : null;
}

/** Whoever sends something has read what is above, and wants to see what comes. */
function FollowSending() {
  const [activities] = hooks.useActivities() as unknown as [readonly Partial<Activity>[]];
  const acknowledge = hooks.useMarkAllAsAcknowledged();
  const scrollTo = hooks.useScrollTo();
  const isSent = ({ channelData }: Partial<Activity>) =>
    channelData?.message.from === 'person' && !channelData.message.replayed;
  const sentAt = activities.findLastIndex(isSent);
  const sentId = activities[sentAt]?.id;
  const first = sentId ? activities.slice(sentAt + 1).find(({ type }) => type === 'message')?.id : undefined;

  useEffect(() => {
    if (sentId) {
      acknowledge();
      // At once: a movement to the end that is still under way when a long answer comes would go past its beginning.
      scrollTo({ scrollTop: END }, { behavior: 'auto' });
    }
  }, [acknowledge, scrollTo, sentId]);

  const turn = useRef<{ first: string | undefined; began: number }>({ first: undefined, began: 0 });
  useEffect(() => {
    if (turn.current.first !== first) {
      turn.current = { first, began: Date.now() };
    }
    if (Date.now() - turn.current.began > LONGEST_TURN) {
      return; // what comes later, from staff for example, is followed by Web Chat when the person is at the end
    }
    // Web Chat follows to the end, and past the beginning of a long answer when its parts come while it moves.
    const timers = SETTLED.map(after =>
      setTimeout(() => {
        const beginning = first && beginningOf(first);
        if (beginning) {
          scrollTo({ scrollTop: beginning }, { behavior: 'auto' });
        }
      }, after),
    );
    return () => timers.forEach(clearTimeout);
  }, [activities.length, first, scrollTo]);
  return null;
}

export function ChatTranscript() {
  const { conversation, language, say } = useShared();
  const sayNow = useRef(say);
  sayNow.current = say;

  const directLine = useMemo(
    () => toDirectLine(conversation.transcript, message => spokenText(message, sayNow.current)),
    [conversation],
  );
  const strings = useMemo(
    () => () => ({
      ...Object.fromEntries(Object.entries(WEB_CHAT_STRINGS).map(([key, name]) => [key, say(name)])),
      // Web Chat's dates and plurals, which nothing here shows.
      GLOBALIZE: { pluralGenerator: () => () => 'other' },
    }),
    [say],
  );

  return (
    <Composer
      activityMiddleware={drawActivity as never}
      activityStatusMiddleware={drawNoStatus as never}
      directLine={directLine}
      locale={language === 'en' ? 'en-US' : 'nl-NL'}
      nonce={nonce}
      overrideLocalizedStrings={strings as never}
      styleOptions={STYLE as never}
      suggestedActionsAccessKey={false}
      typingIndicatorMiddleware={drawTyping as never}
      userID="person"
    >
      <BasicTranscript className="transcript" />
      <FollowSending />
    </Composer>
  );
}
