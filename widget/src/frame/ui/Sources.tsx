import type { Language, Source } from '../protocol/types.ts';
import { safeAddress } from '../markdown.ts';
import { useShared } from './context.ts';
import { ExternalLink } from './Markdown.tsx';

interface Page {
  readonly title: string;
  readonly address: string | null;
  readonly says: string[];
}

/** Each page once, with all that it says. */
function toPages(sources: readonly Source[]): Page[] {
  const pages = new Map<string, Page>();
  for (const { title, url, says } of sources) {
    const key = JSON.stringify([title, url]);
    const page = pages.get(key) ?? { title, address: url && safeAddress(url), says: [] };
    if (says) {
      page.says.push(says);
    }
    pages.set(key, page);
  }
  return [...pages.values()];
}

interface Props {
  readonly sources: readonly Source[];
  /** Of the message. */
  readonly language: Language;
}

/** "Why?": what the message rests on. */
export function Sources({ sources, language }: Props) {
  const { say } = useShared();
  return (
    <details className="sources">
      <summary>{say('sources')}</summary>
      <ul className="pages" lang={language}>
        {toPages(sources).map(({ title, address, says }) => (
          <li key={`${title} ${address}`}>
            <p>{address ? <ExternalLink address={address}>{title}</ExternalLink> : title}</p>
            <ul>
              {says.map((text, index) => (
                <li key={index}>{text}</li>
              ))}
            </ul>
          </li>
        ))}
      </ul>
    </details>
  );
}
