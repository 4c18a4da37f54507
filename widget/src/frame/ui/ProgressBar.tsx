import type { Progress } from '../protocol/types.ts';

interface Props {
  readonly progress: Progress;
  readonly label: string;
}

/** How far a walk-through is. */
export function ProgressBar({ progress: { step, of }, label }: Props) {
  return (
    <div className="progress">
      <span aria-hidden="true">{label}</span>
      <div
        aria-label={label}
        aria-valuemax={of}
        aria-valuemin={0}
        aria-valuenow={step}
        aria-valuetext={label}
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
