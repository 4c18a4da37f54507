import { useEffect } from 'react';
import type { Message } from '../protocol/transcript.ts';
import { useShared } from './context.ts';
import { Time } from './Time.tsx';

/** How sending a person's message goes: on its way, sent, or why not and how to try again. */
export function SendStatus({ message: { id, at, delivery, problem, over } }: { readonly message: Message }) {
  const { announce, conversation, goOn, say } = useShared();
  const isFailed = delivery === 'failed' || delivery === 'refused';
  const reason = isFailed ? problem || say('not_sent') : '';

  useEffect(() => {
    if (reason) {
      announce(reason);
    }
  }, [announce, reason]);

  if (isFailed) {
    const retry = () => {
      conversation.retry(id);
      goOn();
    };
    return (
      <p className="below problem">
        <span>{reason}</span>
        {delivery === 'failed' && !over && (
          <button className="quiet" onClick={retry} type="button">
            {say('retry')}
          </button>
        )}
      </p>
    );
  }
  return <p className="below">{delivery === 'sending' ? say('sending') : <Time at={at} />}</p>;
}
