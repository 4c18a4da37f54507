import type { Message } from '../protocol/transcript.ts';
import { useShared } from './context.ts';
import { Markdown } from './Markdown.tsx';

/** What is said beside the conversation, quietly. */
export function Notice({ message }: { readonly message: Message }) {
  const { say } = useShared();
  if (message.kind === 'session_over') {
    return <p className="notice">{say('session_over')}</p>;
  }
  if (message.kind === 'feedback') {
    return (
      <p className="notice" lang={message.language}>
        {say(message.helped ? 'feedback_helped' : 'feedback_not_helped')}
        {message.text && ` “${message.text}”`}
      </p>
    );
  }
  return (
    <div className="notice" lang={message.language}>
      <Markdown isCopyable={false} text={message.text} />
    </div>
  );
}
