import { useEffect, useState } from 'react';
import { copyText } from '../clipboard.ts';
import { useShared } from './context.ts';
import { Icon } from './Icon.tsx';

const SHOWN = 2000; // milliseconds

interface Props {
  readonly text: string;
  /** Its accessible name; shown beside the icon when `isLabelled`. */
  readonly name: string;
  readonly isLabelled?: boolean;
}

/** A quiet button that copies a text and says that it did. */
export function Copy({ text, name, isLabelled = false }: Props) {
  const { say, announce } = useShared();
  const [isCopied, setCopied] = useState(false);

  useEffect(() => {
    const timer = isCopied && setTimeout(() => setCopied(false), SHOWN);
    return () => {
      if (timer) {
        clearTimeout(timer);
      }
    };
  }, [isCopied]);

  const copy = async () => {
    const copied = await copyText(text);
    setCopied(copied);
    announce(say(copied ? 'copied' : 'not_copied'));
  };

  return (
    <button
      className={isLabelled ? 'quiet' : 'copy'}
      onClick={() => void copy()}
      type="button"
      {...(!isLabelled && { 'aria-label': name, title: name })}
    >
      <Icon name={isCopied ? 'done' : 'copy'} />
      {isLabelled && <span>{isCopied ? say('copied') : name}</span>}
    </button>
  );
}
