/**
 * Has a screen reader say each message to the person once, in their order, and what parts of the window announce. Web
 * Chat's own announcements, which come in reverse when several messages arrive at once, are switched off in webchat.css.
 */
import { useCallback, useEffect, useRef, useState } from 'react';
import type { Conversation } from '../protocol/conversation.ts';
import type { Language } from '../protocol/types.ts';
import type { Say } from '../strings.ts';
import { spokenText } from './spokenText.ts';

/** Long enough to be picked up; gone before anyone comes across it as a copy of the message. */
const KEPT = 3000; // milliseconds

export interface Announcement {
  readonly key: number;
  readonly text: string;
  readonly language: Language | undefined;
}

type Announce = (text: string, language?: Language) => void;

export function useAnnouncements(): [readonly Announcement[], Announce] {
  const [announcements, setAnnouncements] = useState<readonly Announcement[]>([]);
  const count = useRef(0);
  const announce = useCallback<Announce>((text, language) => {
    count.current += 1;
    const key = count.current;
    setAnnouncements(before => [...before, { key, text, language }]);
    setTimeout(() => setAnnouncements(before => before.filter(announcement => announcement.key !== key)), KEPT);
  }, []);
  return [announcements, announce];
}

/** Announce the messages of a conversation that were not there before. */
export function useAnnouncedMessages(conversation: Conversation, say: Say, announce: Announce): void {
  const sayNow = useRef(say);
  sayNow.current = say;
  useEffect(() => {
    const known = new Set<string>();
    const { unsubscribe } = conversation.transcript.changes.subscribe({
      next: message => {
        if (!known.has(message.id) && !message.replayed && message.from !== 'person') {
          const sender = message.from === 'system' ? '' : `${sayNow.current(`${message.from}_said`)} `;
          announce(sender + spokenText(message, sayNow.current), message.language);
        }
        known.add(message.id);
      },
    });
    return unsubscribe;
  }, [announce, conversation]);
}

export function Announcements({ announcements }: { readonly announcements: readonly Announcement[] }) {
  return (
    <div aria-live="polite" className="unseen" role="log">
      {announcements.map(({ key, text, language }) => (
        <p key={key} lang={language}>
          {text}
        </p>
      ))}
    </div>
  );
}
