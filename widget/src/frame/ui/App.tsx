import { useCallback, useEffect, useMemo, useRef, useState } from 'react';
import type { Configuration } from '../configuration.ts';
import type { Parent } from '../parent.ts';
import type { Conversation } from '../protocol/conversation.ts';
import type { Language } from '../protocol/types.ts';
import { sayFrom } from '../strings.ts';
import { Announcements, useAnnouncedMessages, useAnnouncements } from './Announcements.tsx';
import { ChatTranscript } from './ChatTranscript.tsx';
import { Connection } from './Connection.tsx';
import { SharedContext, useConversation, type Shared } from './context.ts';
import { Header } from './Header.tsx';
import { SendBox } from './SendBox.tsx';

interface Props {
  readonly configuration: Configuration;
  readonly conversation: Conversation;
  /** The launcher around the window, if there is one. */
  readonly parent: Parent | null;
}

/** Opening a phone's keyboard unasked would hide half of what the person wants to read. */
const hasKeyboard = () => !matchMedia('(pointer: coarse)').matches;

export function App({ configuration, conversation, parent }: Props) {
  const lastLanguage = useConversation(conversation, state => state.language);
  const [chosenLanguage, chooseLanguage] = useState<Language | null>(null);
  const language = chosenLanguage ?? lastLanguage;
  const sayIn = useCallback((wanted: Language) => sayFrom(configuration.strings, wanted), [configuration]);
  const say = useMemo(() => sayIn(language), [language, sayIn]);

  const [announcements, announce] = useAnnouncements();
  useAnnouncedMessages(conversation, say, announce);

  const input = useRef<HTMLTextAreaElement>(null);
  const main = useRef<HTMLElement>(null);
  const goOn = useCallback(() => (hasKeyboard() ? input.current : main.current)?.focus(), []);

  useEffect(() => parent?.onOpen(goOn), [goOn, parent]);

  useEffect(() => {
    document.documentElement.lang = language;
    document.title = say('title');
    parent?.tellLanguage(language);
  }, [language, parent, say]);

  useEffect(() => {
    // Captured, since Web Chat keeps Escape to itself.
    const onKeyDown = (event: KeyboardEvent) => {
      if (event.key === 'Escape' && !event.isComposing && parent) {
        event.stopPropagation();
        parent.close();
      }
    };
    addEventListener('keydown', onKeyDown, true);
    return () => removeEventListener('keydown', onKeyDown, true);
  }, [parent]);

  const shared = useMemo<Shared>(
    () => ({ announce, conversation, goOn, language, longestText: configuration.longest_text, say, sayIn }),
    [announce, configuration, conversation, goOn, language, say, sayIn],
  );

  return (
    <SharedContext.Provider value={shared}>
      <button className="skip" onClick={() => input.current?.focus()} type="button">
        {say('skip')}
      </button>
      <Header onClose={parent && (() => parent.close())} onLanguage={chooseLanguage} />
      <main ref={main} tabIndex={-1}>
        <Connection onReturn={() => conversation.reconnect()} />
        <ChatTranscript />
        <SendBox ref={input} />
      </main>
      <Announcements announcements={announcements} />
    </SharedContext.Provider>
  );
}
