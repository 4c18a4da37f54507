/**
 * Keeps out of the bundle what Web Chat brings and this widget never runs, gives its style sheets a nonce, and has it
 * scroll without motion where that is asked for. The versions are pinned; after an update, compare the sizes that the
 * build prints.
 */
import { fileURLToPath } from 'node:url';
import type { Plugin } from 'vite';

const here = (path: string) => fileURLToPath(new URL(path, import.meta.url));

/** Speech, cards in a row, file types, a second Markdown library, and dates and plurals in 45 languages. */
const UNUSED = new Set([
  'markdown-it',
  'mime',
  'react-dictate-button',
  'react-film',
  'react-say',
  '../external/PrecompiledGlobalize',
]);

/** Web Chat's own strings, in 45 languages: the widget gives it the few that it shows. */
const LANGUAGES = /botframework-webchat-api.src.localization.[\w-]+\.json$/u;

/** Old browsers' missing parts. All browsers that know `:focus-visible` and `dvh` have these themselves. */
const POLYFILL = /^(?:@babel\/runtime-corejs3\/core-js-stable|core-js-pure\/features)\/(?<path>[\w/-]+?)(?:\/index)?(?:\.js)?$/u;

const EMOTION = here('../src/frame/emotion.ts');

/** How far `react-scroll-to-bottom` scrolls at a time. */
const SCROLL_STEP = 'Math.sqrt(Math.abs(to - current))';
/** All the way, for people who asked for less motion, and through a conversation that was there before. */
const SCROLL_STEP_OR_JUMP = `matchMedia('(prefers-reduced-motion: reduce)').matches || Math.abs(to - current) > 1500
  ? Math.abs(to - current) : ${SCROLL_STEP}`;

const camel = (kebab: string) => kebab.replace(/-(\w)/gu, (_, letter: string) => letter.toUpperCase());
const pascal = (kebab: string) => camel(`-${kebab}`);

/** The code of a module that gives the browser's own instead of a polyfill. */
export function nativeCode(path: string): string {
  const [group = '', name] = path.split('/');
  if (path === 'get-iterator-method') {
    return 'export default (it) => it[Symbol.iterator];';
  }
  if (group === 'instance' && name) {
    return `export default (it) => it.${camel(name)};`;
  }
  if (name) {
    const owner = `globalThis.${pascal(group)}`;
    const member = `${owner}.${camel(name)}`;
    return `export default typeof ${member} === 'function' ? ${member}.bind(${owner}) : ${member};`;
  }
  return /^(?:set|parse)-/u.test(group)
    ? `export default globalThis.${camel(group)}.bind(globalThis);`
    : `export default globalThis.${pascal(group)};`;
}

export function lean(): Plugin {
  return {
    name: 'lean',
    enforce: 'pre',
    resolveId(source, importer) {
      if (source === '@emotion/css/create-instance' && importer !== EMOTION) {
        return EMOTION;
      }
      if (UNUSED.has(source)) {
        return here('./stand-in.ts');
      }
      if (source === 'p-defer-es5') {
        return here('./p-defer.ts');
      }
      if (source.startsWith('core-js/modules/')) {
        return '\0nothing';
      }
      const path = POLYFILL.exec(source)?.groups?.path;
      return path ? `\0native:${path}` : null;
    },
    load(id) {
      if (id === '\0nothing') {
        return '';
      }
      if (id.startsWith('\0native:')) {
        return nativeCode(id.slice('\0native:'.length));
      }
      return LANGUAGES.test(id) ? '{}' : null;
    },
    transform(code, id) {
      if (!id.endsWith('/react-scroll-to-bottom/lib/esm/SpineTo.js')) {
        return null;
      }
      if (!code.includes(SCROLL_STEP)) {
        this.error('the transcript would move for people who asked for less motion: see SCROLL_STEP');
      }
      return code.replace(SCROLL_STEP, SCROLL_STEP_OR_JUMP);
    },
  };
}
