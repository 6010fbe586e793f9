import { expect, it } from 'vitest';
import { isTest, read, trackedFiles } from './source-files.ts';

const rows = read('docs/glossary.md').split('\n').filter((line) => /^\| (?!our word|---)/.test(line)).map((line) => line.split('|').map((cell) => cell.trim()));

it('the glossary has one row a word, in order', () => {
  const words = rows.map((row) => row[1]!);
  expect(words.length).toBeGreaterThan(20);
  expect(words).toEqual([...new Set(words)].sort((a, b) => a.toLowerCase().localeCompare(b.toLowerCase())));
});

it('words that only the wire has stay at the wire', () => {
  const rooms = /^(packages\/(domain|store|bus|contracts|kube|forecast)|operator|services\/(api|ml-trainer))\//;
  const wire: [RegExp, string][] = [
    [/\b(charge_?point|chargePoint|ChargePoint)/, 'a station'],
    [/\bidTag\b/, 'a token'],
    [/\bcustomer\b/i, 'a driver'],
    [/\bchargingSession\b/, 'a session'],
  ];
  const allowed = /prototype|legacy|\/lab|evidence|history|session-event/i;
  const wrong = trackedFiles(/\.ts$/).filter((file) => rooms.test(file) && !isTest(file) && !allowed.test(file)).flatMap((file) => {
    const text = read(file).replace(/\/\*[\s\S]*?\*\/|\/\/.*$/gm, '');
    return wire.filter(([pattern]) => pattern.test(text)).map(([pattern, ours]) => `${file} says ${pattern.source}: we say ${ours}`);
  });
  expect(wrong).toEqual([]);
});

it('every state and verdict that a person sees has its words in the glossary', () => {
  const words = rows.map((row) => row[1]!.toLowerCase());
  for (const word of ['station', 'evse', 'connector', 'session', 'transaction', 'token', 'driver', 'site', 'tenant', 'plan', 'command', 'bill', 'orphan', 'knocking', 'epoch', 'pool']) expect(words).toContain(word);
});
