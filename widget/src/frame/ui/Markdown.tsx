import type { Nodes } from 'mdast';
import { Children, Fragment, useMemo, type ReactNode } from 'react';
import { parseMarkdown, plainText, safeAddress } from '../markdown.ts';
import { useShared } from './context.ts';
import { Copy } from './Copy.tsx';
import { Icon } from './Icon.tsx';

interface Props {
  readonly text: string;
  /** Whether labels and addresses have a button to copy them. */
  readonly isCopyable: boolean;
}

/** A message's Markdown: paragraphs, lists, strong and emphasized text, https links. All else is plain text. */
export function Markdown({ text, isCopyable }: Props) {
  const tree = useMemo(() => parseMarkdown(text), [text]);
  return <>{tree.children.map((node, index) => draw(node, index, isCopyable))}</>;
}

/** A longer word, such as an address, must be free to break by itself. */
const LONGEST_KEPT = 20; // characters

/** A text whose last word stays on one line with what comes after it: a mark, a copy button. */
function Together({ children, mark = null }: { readonly children: ReactNode; readonly mark?: ReactNode }) {
  const parts = Children.toArray(children);
  const end = parts.at(-1);
  const word = typeof end === 'string' ? end.slice(end.lastIndexOf(' ') + 1) : '';
  if (typeof end === 'string' && word.length <= LONGEST_KEPT) {
    parts.splice(-1, 1, end.slice(0, end.length - word.length));
  }
  return (
    <>
      <span className="apart">{parts}</span>
      {word.length <= LONGEST_KEPT && word}
      {mark}
    </>
  );
}

/** An address in a new window, said so to those who cannot see the icon. */
export function ExternalLink({ address, children }: { readonly address: string; readonly children: ReactNode }) {
  const { say } = useShared();
  const mark = (
    <>
      <Icon name="external" />
      <span className="unseen"> ({say('new_window')})</span>
    </>
  );
  return (
    <a className="external" href={address} rel="noopener noreferrer" target="_blank">
      <Together mark={mark}>{children}</Together>
    </a>
  );
}

/** A text with its copy button. */
function Copyable({ children, name, text }: { readonly children: ReactNode; readonly name: string; readonly text: string }) {
  return (
    <span className="copyable">
      {children}
      <Copy name={name} text={text} />
    </span>
  );
}

function Label({ node, children }: { readonly node: Nodes; readonly children: ReactNode }) {
  const { say } = useShared();
  const text = plainText(node);
  return (
    <Copyable name={say('copy', { text })} text={text}>
      {children}
    </Copyable>
  );
}

interface AddressProps {
  readonly node: Nodes;
  readonly address: string;
  readonly children: ReactNode;
}

function Address({ node, address, children }: AddressProps) {
  const { say } = useShared();
  return (
    <Copyable name={say('copy_address', { text: plainText(node) })} text={address}>
      {children}
    </Copyable>
  );
}

function draw(node: Nodes, key: number, isCopyable: boolean): ReactNode {
  const inside = (isInsideCopyable = isCopyable) =>
    'children' in node ? node.children.map((child, index) => draw(child, index, isInsideCopyable)) : null;
  switch (node.type) {
    case 'text':
    case 'html':
      return node.value;
    case 'inlineCode':
    case 'code':
      return <code key={key}>{node.value}</code>;
    case 'break':
      return <br key={key} />;
    case 'paragraph':
    case 'heading':
      return <p key={key}>{inside()}</p>;
    case 'strong':
      return isCopyable ? (
        <Label key={key} node={node}>
          <strong>
            <Together>{inside(false)}</Together>
          </strong>
        </Label>
      ) : (
        <strong key={key}>{inside()}</strong>
      );
    case 'emphasis':
      return <em key={key}>{inside()}</em>;
    case 'list':
      return node.ordered ? (
        <ol key={key} start={node.start ?? 1}>
          {inside()}
        </ol>
      ) : (
        <ul key={key}>{inside()}</ul>
      );
    case 'listItem':
      return <li key={key}>{inside()}</li>;
    case 'link': {
      const address = safeAddress(node.url);
      if (!address) {
        return <Fragment key={key}>{inside()}</Fragment>;
      }
      const link = <ExternalLink address={address}>{inside(false)}</ExternalLink>;
      return isCopyable ? (
        <Address address={address} key={key} node={node}>
          {link}
        </Address>
      ) : (
        <Fragment key={key}>{link}</Fragment>
      );
    }
    case 'image':
    case 'imageReference':
      return node.alt;
    default:
      return <Fragment key={key}>{inside()}</Fragment>;
  }
}
