import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { NAMES, sayFrom } from '../src/frame/strings.ts';

const RESPONSES = new URL('../../domain/responses/widget.yml', import.meta.url);

describe('strings', () => {
  it('are those of domain/responses/widget.yml, in two languages', () => {
    const responses = readFileSync(RESPONSES, 'utf8').split(/^ {2}utter_widget_/mu).slice(1);
    const names = responses.map(response => response.slice(0, response.indexOf(':')));
    expect(names.filter(name => !name.startsWith('launcher_'))).toEqual([...NAMES]);
    for (const response of responses) {
      const [english = '', dutch = ''] = response.split('condition:');
      const placeholders = (text: string) => [...new Set(text.match(/\{[a-z]+\}/gu))].sort();
      expect(placeholders(dutch)).toEqual(placeholders(english));
      expect(dutch).toContain('text:');
    }
  });

  it('are filled with values', () => {
    const say = sayFrom({ en: { step: 'Step {step} of {of}' }, nl: {} }, 'nl');
    expect(say('step', { step: 2, of: 5 })).toBe('Step 2 of 5');
    expect(say('send')).toBe('send');
  });
});
