import {
  forwardRef,
  useEffect,
  useId,
  useImperativeHandle,
  useLayoutEffect,
  useRef,
  useState,
  type FormEvent,
  type KeyboardEvent,
} from 'react';
import { useConversation, useShared } from './context.ts';
import { Icon } from './Icon.tsx';

const NEARLY_FULL = 0.9;
const HIGHEST = 160; // pixels

/** Where the person types. Too long a text is kept, and not sent before it is shortened. */
export const SendBox = forwardRef<HTMLTextAreaElement>(function SendBox(_, ref) {
  const { announce, conversation, longestText, say } = useShared();
  const returned = useConversation(conversation, state => state.returned);
  const [text, setText] = useState('');
  const area = useRef<HTMLTextAreaElement>(null);
  const id = useId();
  useImperativeHandle(ref, () => area.current as HTMLTextAreaElement);

  // As the server counts: by code point.
  const length = [...text].length;
  const isTooLong = length > longestText;
  const counter = isTooLong
    ? say('too_long', { longest: longestText, over: length - longestText })
    : length >= longestText * NEARLY_FULL
      ? say('left', { left: longestText - length })
      : '';

  useEffect(() => {
    if (returned) {
      setText(typed => (typed ? `${returned}\n${typed}` : returned));
      conversation.takeReturned();
    }
  }, [conversation, returned]);

  useEffect(() => {
    if (isTooLong) {
      announce(say('too_long', { longest: longestText, over: length - longestText }));
    }
    // Once when the end is reached, not at each letter after it.
    // eslint-disable-next-line react-hooks/exhaustive-deps
  }, [isTooLong]);

  useLayoutEffect(() => {
    const { current } = area;
    if (current) {
      current.style.height = 'auto';
      const border = current.offsetHeight - current.clientHeight;
      current.style.height = `${Math.min(HIGHEST, current.scrollHeight + border)}px`;
    }
  }, [text]);

  const send = () => {
    if (isTooLong) {
      announce(counter);
    } else if (text.trim()) {
      conversation.say(text.trim());
      setText('');
    }
    area.current?.focus();
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    send();
  };
  const onKeyDown = (event: KeyboardEvent) => {
    // Enter that picks a word of an input method is not ours.
    if (event.key === 'Enter' && !event.shiftKey && !event.nativeEvent.isComposing) {
      event.preventDefault();
      send();
    }
  };

  return (
    <form className="send-box" onSubmit={submit}>
      <label className="unseen" htmlFor={id}>
        {say('input_label')}
      </label>
      <textarea
        aria-describedby={`${id}-counter`}
        aria-invalid={isTooLong}
        enterKeyHint="send"
        id={id}
        onChange={event => {
          setText(event.target.value);
          conversation.typed();
        }}
        onKeyDown={onKeyDown}
        placeholder={say('input_placeholder')}
        ref={area}
        rows={1}
        value={text}
      />
      <button aria-label={say('send')} className="send" title={say('send')} type="submit">
        <Icon name="send" />
      </button>
      <p className={isTooLong ? 'counter problem' : 'counter'} id={`${id}-counter`}>
        {counter}
      </p>
    </form>
  );
});
