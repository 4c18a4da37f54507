import { parseMarkdown, plainText } from '../markdown.ts';
import type { Message } from '../protocol/transcript.ts';
import type { Say } from '../strings.ts';

/** A message in words, without its sender: its text, and the answers to choose from. */
export function spokenText(message: Message, say: Say): string {
  if (message.kind === 'session_over') {
    return say('session_over');
  }
  if (message.kind === 'feedback') {
    return say(message.helped ? 'feedback_helped' : 'feedback_not_helped');
  }
  const text = message.from === 'person' ? message.text : plainText(parseMarkdown(message.text));
  const titles = (message.buttons ?? []).map(({ title }) => title).join('; ');
  return titles ? `${text}\n${say('options', { titles })}` : text;
}
