import type { Progress } from '../protocol/types.ts';
import { useShared } from './context.ts';

/** How far a walk-through is. */
export function ProgressBar({ progress: { step, of } }: { readonly progress: Progress }) {
  const { say } = useShared();
  const text = say('step', { step, of });
  return (
    <div className="progress">
      <span aria-hidden="true">{text}</span>
      <div
        aria-label={text}
        aria-valuemax={of}
        aria-valuemin={0}
        aria-valuenow={step}
        aria-valuetext={text}
        className="progress__track"
        role="progressbar"
      >
        {Array.from({ length: of }, (_, index) => (
          <span className={index < step ? 'progress__part progress__part--done' : 'progress__part'} key={index} />
        ))}
      </div>
    </div>
  );
}
