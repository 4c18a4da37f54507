import { describe, expect, it } from 'vitest';
import { nativeCode } from '../build/lean.ts';

/** What a module's code exports. */
const evaluate = (path: string) => new Function(nativeCode(path).replace('export default', 'return'))() as never;

describe('the native stand-ins of polyfills', () => {
  it('are what core-js would give', () => {
    const concat = evaluate('instance/concat') as (list: string[]) => (this: string[], ...items: string[]) => string[];
    expect(concat(['a']).call(['a'], 'b')).toEqual(['a', 'b']);
    expect((evaluate('object/from-entries') as typeof Object.fromEntries)([['a', 1]])).toEqual({ a: 1 });
    expect((evaluate('date/now') as () => number)()).toBeTypeOf('number');
    expect(evaluate('weak-map')).toBe(WeakMap);
    expect(evaluate('symbol/iterator')).toBe(Symbol.iterator);
    expect((evaluate('parse-float') as (text: string) => number)('1.5')).toBe(1.5);
    expect((evaluate('get-iterator-method') as (it: unknown) => unknown)([])).toBe([][Symbol.iterator]);
  });
});
