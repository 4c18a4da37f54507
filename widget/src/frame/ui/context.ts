import { createContext, useContext, useSyncExternalStore } from 'react';
import type { Conversation, State } from '../protocol/conversation.ts';
import type { Language } from '../protocol/types.ts';
import type { Say } from '../strings.ts';

/** What all parts of the window share. */
export interface Shared {
  readonly conversation: Conversation;
  readonly language: Language;
  readonly say: Say;
  /** For what belongs to a message and is in its language. */
  readonly sayIn: (language: Language) => Say;
  readonly longestText: number;
  /** Have a screen reader say something once. */
  readonly announce: (text: string) => void;
  /** Put the focus where the person goes on: the text field, or without opening a phone's keyboard the transcript. */
  readonly goOn: () => void;
}

export const SharedContext = createContext<Shared | null>(null);

export function useShared(): Shared {
  const shared = useContext(SharedContext);
  if (!shared) {
    throw new Error('There is no SharedContext around this.');
  }
  return shared;
}

/** One value of the conversation's state. */
export function useConversation<Value>(conversation: Conversation, select: (state: State) => Value): Value {
  return useSyncExternalStore(conversation.subscribe, () => select(conversation.state));
}
