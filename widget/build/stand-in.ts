/**
 * Stands in for what Web Chat imports and this widget never runs: speech (`react-say`, `react-dictate-button`), cards in
 * a row (`react-film`), file types (`mime`), Markdown of Web Chat's own toasts (`markdown-it`), dates and plurals
 * (`PrecompiledGlobalize`). Web Chat does say `new MarkdownIt().use(…)`, binds `mime.getType` and wraps
 * everything in the composers of two packages; that much must work.
 */
import type { ReactNode } from 'react';

export default function Nothing(): null {
  return null;
}

Nothing.getType = Nothing;
(Nothing as Function).prototype.use = Nothing;

export const Composer = ({ children = null }: { readonly children?: ReactNode }) => children;

export {
  Nothing as Flipper,
  Nothing as SayUtterance,
  Nothing as createBasicStyleSet,
  Nothing as useItemContainerCallbackRef,
  Nothing as useScrollableCallbackRef,
  Nothing as useScrollBarWidth,
  Nothing as useScrolling,
  Nothing as useStyleSetClassNames,
};
