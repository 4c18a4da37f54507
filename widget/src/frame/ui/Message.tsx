import { memo } from 'react';
import { parseMarkdown, plainText } from '../markdown.ts';
import type { Message } from '../protocol/transcript.ts';
import { useShared } from './context.ts';
import { Choices } from './Choices.tsx';
import { Copy } from './Copy.tsx';
import { AskFeedback } from './AskFeedback.tsx';
import { Markdown } from './Markdown.tsx';
import { Notice } from './Notice.tsx';
import { ProgressBar } from './ProgressBar.tsx';
import { SendStatus } from './SendStatus.tsx';
import { Sources } from './Sources.tsx';
import { Time } from './Time.tsx';

/** Kinds whose labels and addresses a person types or opens elsewhere. */
const COPYABLE = new Set(['steps', 'step', 'verdict', 'handover']);
const NOTICES = new Set(['privacy', 'system', 'feedback', 'session_over']);

interface Props {
  readonly message: Message;
}

/** One message of the transcript. */
export const MessageView = memo(function MessageView({ message }: Props) {
  if (message.from === 'system' || NOTICES.has(message.kind)) {
    return <Notice message={message} />;
  }
  return message.from === 'person' ? <FromPerson message={message} /> : <ToPerson message={message} />;
});

function FromPerson({ message }: Props) {
  const { say } = useShared();
  return (
    <div className="message message--person" lang={message.language}>
      <div className="bubble">
        <span className="unseen">{say('you_said')} </span>
        <p>{message.text}</p>
      </div>
      <SendStatus message={message} />
    </div>
  );
}

function ToPerson({ message }: Props) {
  const { say } = useShared();
  const isFromStaff = message.from === 'staff';
  return (
    <div className={`message message--${message.from}`} lang={message.language}>
      {isFromStaff && <p className="sender">{say('staff')}</p>}
      <div className="bubble">
        {!isFromStaff && <span className="unseen">{say('assistant_said')} </span>}
        {message.progress && <ProgressBar progress={message.progress} />}
        <div className="markdown">
          <Markdown isCopyable={COPYABLE.has(message.kind)} text={message.text} />
        </div>
        {message.kind === 'handover' && (
          <Copy isLabelled name={say('copy_summary')} text={plainText(parseMarkdown(message.text), true)} />
        )}
      </div>
      <div className="below">
        <Time at={message.at} />
        {message.sources && message.sources.length > 0 && <Sources sources={message.sources} />}
      </div>
      <AskFeedback message={message} />
      <Choices message={message} />
    </div>
  );
}
