/** The words of the window: names of `domain/responses/widget.yml` without `utter_widget_`. */
import type { Language } from './protocol/types.ts';

export const NAMES = [
  'title',
  'skip',
  'language_en',
  'language_nl',
  'start_over',
  'person',
  'close',
  'transcript',
  'transcript_role',
  'new_messages',
  'you_said',
  'assistant_said',
  'staff_said',
  'staff',
  'options',
  'choices',
  'input_label',
  'input_placeholder',
  'send',
  'sending',
  'not_sent',
  'retry',
  'too_long',
  'left',
  'typing',
  'connecting',
  'reconnecting',
  'offline',
  'displaced',
  'continue_here',
  'session_over',
  'new_window',
  'step',
  'sources',
  'copy',
  'copy_address',
  'copy_summary',
  'copied',
  'not_copied',
  'feedback_question',
  'feedback_yes',
  'feedback_no',
  'feedback_word',
  'feedback_send',
  'feedback_skip',
  'feedback_thanks',
  'feedback_failed',
  'feedback_helped',
  'feedback_not_helped',
] as const;

export type Name = (typeof NAMES)[number];

export type Strings = Readonly<Record<string, string>>;

/** Gives a string, with `{name}` replaced by the values. */
export type Say = (name: Name, values?: Readonly<Record<string, string | number>>) => string;

export function sayFrom(strings: Readonly<Record<Language, Strings>>, language: Language): Say {
  return (name, values = {}) =>
    (strings[language][name] ?? strings.en[name] ?? name).replace(/\{(\w+)\}/gu, (placeholder, key: string) =>
      String(values[key] ?? placeholder),
    );
}
