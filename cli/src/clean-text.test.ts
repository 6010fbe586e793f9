import { expect, it } from 'vitest';
import { cleanText, cleanValue } from './clean-text.ts';

it.each([
  ['\x1b[31mred\x1b[0m', 'red'],
  ['a\x1b]0;title\x07b', 'ab'],
  ['a\x1b]8;;https://x\x1b\\link\x1b]8;;\x1b\\', 'alink'],
  ['\x9b2Jgone', 'gone'],
  ['never ended \x1b]52;c;QUJD', 'never ended '],
  ['two\nlines\r\nhere', 'two lines here'],
  ['abc\u202Egnp.exe', 'abcgnp.exe'],
  ['bell\x07 back\x08 null\x00', 'bell back null'],
  ['Wärtsilä 充電 ⚡', 'Wärtsilä 充電 ⚡'],
])('L-02 shows %j as %j', (raw, shown) => {
  expect(cleanText(raw)).toBe(shown);
});

it('L-02 cleans keys and values of any shape', () => {
  expect(cleanValue({ 'a\x1b[1m': ['\x1b[2Jx', 1, null, { b: '\x07' }] })).toEqual({ a: ['x', 1, null, { b: '' }] });
});
