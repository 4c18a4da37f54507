/**
 * The assistant's Markdown as a tree. Nothing of it ever becomes HTML text: the tree is drawn node by node, and only
 * what is named in `ui/Markdown.tsx` is drawn as more than text.
 */
import { fromMarkdown } from 'mdast-util-from-markdown';
import type { Nodes, Root } from 'mdast';

/** HTML, and definitions (which would not be seen), are text like any other. */
const PLAIN = { disable: { null: ['htmlFlow', 'htmlText', 'definition', 'codeIndented'] } };

export function parseMarkdown(text: string): Root {
  return fromMarkdown(text, { extensions: [PLAIN] });
}

/** The address of a link that may be followed: https, and with no name that poses as a host. Null for any other. */
export function safeAddress(address: string): string | null {
  try {
    const url = new URL(address);
    return url.protocol === 'https:' && !url.username && !url.password ? url.href : null;
  } catch {
    return null;
  }
}

const BLOCKS = new Set(['paragraph', 'heading', 'listItem', 'code']);

/** The text without its marks, for the clipboard and for screen readers. `addresses`: with each link's address. */
export function plainText(node: Nodes, addresses = false): string {
  const text = (child: Nodes): string => {
    switch (child.type) {
      case 'text':
      case 'inlineCode':
      case 'code':
      case 'html':
        return child.value;
      case 'image':
        return child.alt ?? '';
      case 'break':
        return '\n';
      case 'list': {
        const first = child.ordered ? (child.start ?? 1) : null;
        return child.children
          .map((item, index) => `${first === null ? '-' : `${first + index}.`} ${text(item).trim()}\n`)
          .join('');
      }
      case 'link': {
        const label = child.children.map(text).join('');
        const address = safeAddress(child.url);
        return addresses && address && address !== label ? `${label} (${address})` : label;
      }
      default: {
        const inside = 'children' in child ? child.children.map(text).join('') : '';
        return BLOCKS.has(child.type) ? `${inside}\n` : inside;
      }
    }
  };
  return text(node).trim();
}
