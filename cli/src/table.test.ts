import { expect, it } from 'vitest';
import { facts, table } from './table.ts';

interface Row { name: string | null; energy: number | null }
const columns = [{ title: 'NAME', of: (row: Row) => row.name }, { title: 'KWH', of: (row: Row) => row.energy, right: true }, { title: 'END', of: () => 'x' }];

it('aligns under its titles, figures to the right, and says what is not known', () => {
  expect(table([{ name: 'CP_1', energy: 7.5 }, { name: null, energy: null }, { name: 'A long name', energy: 1_234 }], columns)).toBe([
    'NAME          KWH  END',
    'CP_1          7.5  x',
    '–               –  x',
    'A long name  1234  x', ''].join('\n'));
});

it('counts wide signs as two, and shows a hostile name as harmless text on one line', () => {
  expect(table([{ name: '充電\x1b[2J\nCP\x07', energy: 1 }, { name: 'abcdefg', energy: 2 }], columns)).toBe([
    'NAME     KWH  END',
    '充電 CP    1  x',
    'abcdefg    2  x', ''].join('\n'));
});

it('a list with nothing in it still has its titles; facts stand in two columns', () => {
  expect(table([], columns)).toBe('NAME  KWH  END\n');
  expect(facts([['id', 'a'], ['online', true], ['vendor', null], ['reason\u0020', '\x1b]0;t\x07ok']])).toBe('id       a\nonline   yes\nvendor   –\nreason   ok\n');
});
