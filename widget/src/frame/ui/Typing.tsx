import { useConversation, useShared } from './context.ts';

/** Shows that an answer is being worked on. */
export function Typing() {
  const { conversation, say } = useShared();
  const isTyping = useConversation(conversation, state => state.typing);
  return isTyping ? (
    <p className="typing">
      <span aria-hidden="true" className="typing__dots">
        <span />
        <span />
        <span />
      </span>
      {say('typing')}
    </p>
  ) : null;
}
