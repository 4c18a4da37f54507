import { useEffect, useId, useRef, useState, type FormEvent } from 'react';
import type { Message } from '../protocol/transcript.ts';
import { newId } from '../protocol/types.ts';
import { useShared } from './context.ts';

const LONGEST_WORD = 500; // characters

/**
 * "Did this help?", then an optional word why. The answer is sent together with the word, or by itself when the person
 * leaves before.
 */
export function AskFeedback({ message }: { readonly message: Message }) {
  const { announce, conversation, goOn, say } = useShared();
  const [helped, setHelped] = useState<boolean | null>(null);
  const [isThanked, setThanked] = useState(false);
  const [isFailed, setFailed] = useState(false);
  const id = useRef(newId());
  const field = useRef<HTMLInputElement>(null);
  const labelId = useId();

  const isOpen = helped !== null && !isThanked && !message.rated;

  useEffect(() => {
    if (!isOpen) {
      return undefined;
    }
    field.current?.focus();
    const leave = () => void conversation.rate({ id: id.current, helped }).catch(() => undefined);
    addEventListener('pagehide', leave);
    return () => removeEventListener('pagehide', leave);
  }, [conversation, helped, isOpen]);

  if (!message.ask_feedback || (message.over && !isThanked)) {
    return null;
  }
  if (isThanked || message.rated) {
    return <p className="feedback">{say('feedback_thanks')}</p>;
  }

  const send = async (word: string) => {
    try {
      setFailed(false);
      await conversation.rate({ id: id.current, helped: helped === true, ...(word && { word }) });
      setThanked(true);
      announce(say('feedback_thanks'));
      goOn();
    } catch {
      setFailed(true);
      announce(say('feedback_failed'));
    }
  };
  const submit = (event: FormEvent) => {
    event.preventDefault();
    void send(field.current?.value.trim() ?? '');
  };

  if (helped === null) {
    return (
      <div aria-labelledby={labelId} className="feedback" role="group">
        <span id={labelId}>{say('feedback_question')}</span>
        <button className="quiet" onClick={() => setHelped(true)} type="button">
          {say('feedback_yes')}
        </button>
        <button className="quiet" onClick={() => setHelped(false)} type="button">
          {say('feedback_no')}
        </button>
      </div>
    );
  }
  return (
    <form className="feedback feedback--word" onSubmit={submit}>
      <label htmlFor={labelId}>{say('feedback_word')}</label>
      <input autoComplete="off" id={labelId} maxLength={LONGEST_WORD} ref={field} type="text" />
      <button className="quiet" type="submit">
        {say('feedback_send')}
      </button>
      <button className="quiet" onClick={() => void send('')} type="button">
        {say('feedback_skip')}
      </button>
      {isFailed && <span className="problem">{say('feedback_failed')}</span>}
    </form>
  );
}
