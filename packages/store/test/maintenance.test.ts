import type pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aReading, aStart, aStop, booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';
import { maintainBooks } from '../src/maintenance.ts';
import { openPool } from '../src/open-pool.ts';

let under: BooksUnderTest;
let app: pg.Pool;
beforeAll(async () => { under = await booksUnderTest(); app = openPool({ connectionString: under.database.appUrl, max: 2 }); });
afterAll(async () => { await app.end(); await under[Symbol.asyncDispose](); });

const day = (text: string) => new Date(`${text}T12:00:00Z`);
const readingsOn = (text: string) => under.sql<{ where: string }>(`SELECT tableoid::regclass::text AS where FROM meter_value WHERE at::date = $1::date`, [text]).then((rows) => rows.map((row) => row.where));

it('gives the days around today a partition, keeps a reading of any other day, and drops what is older than it is told to keep', async () => {
  const { transactionRef } = await under.books.sessions.start(from(under), aStart());
  const at = (text: string) => ({ ...aReading(transactionRef, 0, 1500), at: day(text) });
  await maintainBooks(app, { now: day('2026-11-24'), keepDays: 400 });
  await under.books.sessions.readings(from(under), [at('2026-11-24'), at('2026-10-15'), at('2025-12-24'), at('2031-01-01')], {});
  expect([await readingsOn('2026-11-24'), await readingsOn('2026-10-15'), await readingsOn('2025-12-24'), await readingsOn('2031-01-01')])
    .toEqual([['meter_value_20261124'], ['meter_value_20261015'], ['meter_value_other'], ['meter_value_other']]);

  // A day that already has readings in the catch-all gets no partition and loses none of them.
  await maintainBooks(app, { now: day('2030-12-31'), keepDays: 4000 });
  expect(await readingsOn('2031-01-01')).toEqual(['meter_value_other']);

  const swept = await maintainBooks(app, { now: day('2026-11-24'), keepDays: 30 });
  expect(swept.partitionsDropped).toBeGreaterThan(0);
  expect([await readingsOn('2026-11-24'), await readingsOn('2026-10-15'), await readingsOn('2025-12-24')]).toEqual([['meter_value_20261124'], [], []]);
});

it('makes the bill of a lost stop final after 48 hours, and a stop that comes later is evidence', async () => {
  const at = { connectorId: 7, evseId: 7 };
  const lost = await under.books.sessions.start(from(under), aStart(at));
  await under.books.sessions.readings(from(under), [aReading(lost.transactionRef, 60, 3000, at)], {});
  await under.books.sessions.start(from(under), aStart({ ...at, startedAt: day('2026-11-24'), meterStartWh: 3000 }));
  const bill = () => under.sql('SELECT state, energy_wh FROM bill WHERE session_id = $1', [lost.sessionId]);
  const hoursAhead = (hours: number) => new Date(Date.now() + hours * 3_600_000);
  await maintainBooks(app, { now: hoursAhead(47), keepDays: 400 });
  expect(await bill()).toEqual([{ state: 'provisional', energy_wh: 2000 }]);
  await maintainBooks(app, { now: hoursAhead(49), keepDays: 400 });
  expect(await bill()).toEqual([{ state: 'final', energy_wh: 2000 }]);
  await under.books.sessions.stop(from(under), aStop(lost.transactionRef, { meterStopWh: 9000 }));
  expect(await bill()).toEqual([{ state: 'final', energy_wh: 2000 }]);
  expect(await under.sql('SELECT state, flags FROM session WHERE id = $1', [lost.sessionId])).toEqual([{ state: 'lost-stop', flags: ['conflicting-stop', 'lost-stop'] }]);
});
