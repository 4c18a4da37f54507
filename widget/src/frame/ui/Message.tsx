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
    <div className="message message--person">
      <div className="bubble">
        <span className="unseen">{say('you_said')} </span>
        <p lang={message.language}>{message.text}</p>
      </div>
      <SendStatus message={message} />
    </div>
  );
}

function ToPerson({ message }: Props) {
  const { say, sayIn } = useShared();
  const { kind, language, progress, sources = [] } = message;
  const isFromStaff = message.from === 'staff';
  const step = progress && sayIn(language)('step', { step: progress.step, of: progress.of });
  // The bar says it already.
  const text = step ? message.text.replace(`${step}: `, '') : message.text;
  return (
    <div className={`message message--${message.from}`} data-message={message.id}>
      {isFromStaff && <p className="sender">{message.name ? `${message.name} · ${say('staff')}` : say('staff')}</p>}
      <div className="bubble">
        {!isFromStaff && <span className="unseen">{say('assistant_said')} </span>}
        <div lang={language}>
          {progress && step && <ProgressBar label={step} progress={progress} />}
          <div className="markdown">
            <Markdown isCopyable={COPYABLE.has(kind)} text={text} />
          </div>
        </div>
        {kind === 'handover' && (
          <Copy isLabelled name={say('copy_summary')} text={plainText(parseMarkdown(message.text), true)} />
        )}
      </div>
      <div className="below">
        <Time at={message.at} />
        {sources.length > 0 && <Sources language={language} sources={sources} />}
      </div>
      <AskFeedback message={message} />
      <Choices message={message} />
    </div>
  );
}
