import { useId, useRef } from 'react';
import type { Message } from '../protocol/transcript.ts';
import type { Button } from '../protocol/types.ts';
import { useConversation, useShared } from './context.ts';

/** The buttons of the latest message. They go when one is pressed or something else is said. */
export function Choices({ message }: { readonly message: Message }) {
  const { conversation, goOn, say } = useShared();
  const isLatest = useConversation(conversation, state => state.latestId === message.id);
  const isPressed = useRef(false);
  const labelId = useId();
  const { buttons = [] } = message;

  if (!isLatest || buttons.length === 0) {
    isPressed.current = false;
    return null;
  }

  const press = (button: Button) => {
    // A double click arrives as two, perhaps before these buttons are gone.
    if (!isPressed.current) {
      isPressed.current = true;
      conversation.press(button);
      goOn();
    }
  };

  return (
    <div aria-labelledby={labelId} className="choices" role="group">
      <span className="unseen" id={labelId}>
        {say('choices')}
      </span>
      {buttons.map(button => (
        <button
          className="choice"
          key={button.payload + button.title}
          lang={message.language}
          onClick={() => press(button)}
          type="button"
        >
          {button.title}
        </button>
      ))}
    </div>
  );
}
