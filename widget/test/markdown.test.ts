import type { Nodes } from 'mdast';
import { describe, expect, it } from 'vitest';
import { parseMarkdown, plainText, safeAddress } from '../src/frame/markdown.ts';

/** All nodes of a tree. */
function nodes(node: Nodes): Nodes[] {
  return [node, ...('children' in node ? node.children.flatMap(child => nodes(child)) : [])];
}

describe('addresses', () => {
  it.each(['https://learn.microsoft.com/partner', 'HTTPS://example.com/?a=1#b'])('may be followed: %s', address => {
    expect(safeAddress(address)).toMatch(/^https:/u);
  });

  it.each([
    'http://example.com',
    'javascript:alert(1)',
    'java\nscript:alert(1)',
    ' javascript:alert(1)',
    'data:text/html,<script>1</script>',
    'vbscript:1',
    'https://user:password@example.com',
    'https://microsoft.com@example.com',
    '//example.com',
    '/widget/sessions',
    'mailto:a@example.com',
    '',
  ])('may not be followed: %j', address => {
    expect(safeAddress(address)).toBeNull();
  });
});

describe('parsing', () => {
  it.each([
    '<script>alert(1)</script>',
    '<img src=x onerror=alert(1)>',
    'a <b onmouseover="alert(1)">b</b>',
    '<!-- <img src=x> -->',
    '<svg/onload=alert(1)>',
    '<iframe srcdoc="<script>1</script>"></iframe>',
  ])('takes HTML for text: %s', text => {
    expect(nodes(parseMarkdown(text)).map(({ type }) => type)).not.toContain('html');
    expect(plainText(parseMarkdown(text))).toContain('<');
  });

  it('shows definitions', () => {
    expect(plainText(parseMarkdown('[a]: javascript:1'))).toBe('[a]: javascript:1');
  });
});

describe('plain text', () => {
  it('leaves out the marks', () => {
    const text = 'Open **Benefits**:\n\n1. Choose [Partner Center](https://partner.microsoft.com/)\n2. Wait\n\n- one\n- two';
    expect(plainText(parseMarkdown(text))).toBe('Open Benefits:\n1. Choose Partner Center\n2. Wait\n- one\n- two');
    expect(plainText(parseMarkdown(text), true)).toContain('1. Choose Partner Center (https://partner.microsoft.com/)');
  });
});
