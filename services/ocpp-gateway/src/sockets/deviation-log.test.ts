import { expect, it } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { DeviationLog } from './deviation-log.ts';
import { silentObserver } from './observer.ts';

const at = (minute: number) => new Date(Date.UTC(2026, 10, 24, 9, minute));
const who = { tenantId: 'demo', stationId: 's1' };
const frame = (text: string) => ({ key: 'k', action: 'Heartbeat', outcome: 'refused' as const, kinds: ['not-understood' as const], reason: 'r', frame: text, at: at(0) });

it('a thousand of one kind are one row, and nothing is written twice', async () => {
  const books = new MemoryBooks();
  const log = new DeviationLog({ books: books.tolerance, observer: silentObserver, onLost: () => {} });
  for (let n = 0; n < 1_000; n += 1) log.note(who, 'missing-zone', 'MeterValues/timestamp', at(n % 60));
  log.example(who, frame('first'));
  log.example(who, frame('x'.repeat(20_000)));
  await log.flush();
  await log.flush();
  expect(books.deviationCounts).toEqual([{ stationId: 's1', kind: 'missing-zone', count: 1_000, firstAt: at(0), lastAt: at(39), place: 'MeterValues/timestamp' }]);
  expect(books.examples).toMatchObject([{ times: 2, frame: 'x'.repeat(8_192) }]);
  log.close();
});

it('what cannot be written joins what comes later, and says so', async () => {
  const books = new MemoryBooks();
  const lost: unknown[] = [];
  const log = new DeviationLog({ books: books.tolerance, observer: silentObserver, onLost: (error) => lost.push(error) });
  books.quarantineGate = () => Promise.reject(new Error('away'));
  log.note(who, 'long-text', 'a', at(1));
  await log.flush();
  expect(lost.length).toBe(1);
  books.quarantineGate = async () => {};
  log.note(who, 'long-text', 'b', at(2));
  await log.flush();
  expect(books.deviationCounts).toMatchObject([{ kind: 'long-text', count: 2, firstAt: at(1), lastAt: at(2), place: 'b' }]);
  log.close();
});
