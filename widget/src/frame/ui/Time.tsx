import { useShared } from './context.ts';

/** When a message came: the time, and the day when that is not today. */
export function Time({ at }: { readonly at: string }) {
  const { language } = useShared();
  const date = new Date(at);
  if (Number.isNaN(date.getTime())) {
    return null;
  }
  const isToday = date.toDateString() === new Date().toDateString();
  const text = new Intl.DateTimeFormat(language === 'en' ? 'en-GB' : 'nl-NL', {
    ...(!isToday && { day: 'numeric', month: 'short' }),
    hour: '2-digit',
    minute: '2-digit',
  }).format(date);
  return (
    <time className="time" dateTime={at}>
      {text}
    </time>
  );
}
