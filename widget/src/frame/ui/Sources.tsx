import type { Source } from '../protocol/types.ts';
import { safeAddress } from '../markdown.ts';
import { useShared } from './context.ts';
import { ExternalLink } from './Markdown.tsx';

/** "Why?": what the message rests on. */
export function Sources({ sources }: { readonly sources: readonly Source[] }) {
  const { say } = useShared();
  return (
    <details className="sources">
      <summary>{say('sources')}</summary>
      <ul>
        {sources.map(({ title, url, says }, index) => {
          const address = url && safeAddress(url);
          return (
            <li key={index}>
              {says && <p>{says}</p>}
              <p>{address ? <ExternalLink address={address}>{title}</ExternalLink> : title}</p>
            </li>
          );
        })}
      </ul>
    </details>
  );
}
