import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { DeviationCount, QuarantinedFrame } from '@csms/domain';
import { aStart, booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';
import { maintainBooks } from '../src/maintenance.ts';
import { openPool } from '../src/open-pool.ts';
import { examplesMax, factsMax } from '../src/quarantine/tolerance-books.ts';

let under: BooksUnderTest;
let app: pg.Pool;
beforeAll(async () => { under = await booksUnderTest(); app = openPool({ connectionString: under.database.appUrl, max: 2 }); });
afterAll(async () => { await app.end(); await under[Symbol.asyncDispose](); });

const at = new Date('2026-11-24T08:00:00Z');
const later = new Date('2026-11-24T09:00:00Z');
const aFrame = (given: Partial<QuarantinedFrame> = {}): QuarantinedFrame => ({
  stationId: under.stationId('demo', 'S1'), key: 'k', action: 'StopTransaction', outcome: 'refused', kinds: ['not-understood'], reason: 'timestamp is missing', frame: '[2,"1","StopTransaction",{}]', at, ...given,
});
const rowsOf = (station: string) => under.sql<{ key: string; frame: string; times: string; outcome: string; is_fact: boolean; first_at: Date; last_at: Date }>(
  'SELECT * FROM quarantined_frame WHERE station_id = $1 ORDER BY last_at, key', [under.stationId('demo', station)]);

it('G-23 a kept message is one row whatever its repetitions, with the time of its first', async () => {
  expect(await under.books.tolerance.keep('demo', aFrame())).toEqual({ kept: true, times: 1, firstAt: at });
  expect(await under.books.tolerance.keep('demo', aFrame({ at: later, frame: 'another text' }))).toEqual({ kept: true, times: 2, firstAt: at });
  await under.books.tolerance.note('demo', { counts: [], frames: [{ ...aFrame({ outcome: 'repaired', kinds: ['last-resort'], frame: 'a third' }), times: 1 }] });
  expect(await rowsOf('S1')).toMatchObject([{ key: 'k', frame: '[2,"1","StopTransaction",{}]', times: '2', outcome: 'repaired', is_fact: true, first_at: at, last_at: later }]);
});

it('a mad station fills its own share and no more: facts beyond it are not called kept, examples push out the oldest', async () => {
  const stationId = under.stationId('demo', 'S2');
  await under.sql(`INSERT INTO quarantined_frame SELECT 'demo', gen_random_uuid(), $1, 'f' || n, 'StopTransaction', 'refused', true, '{}', '', '', 1, $2, $2 FROM generate_series(1, ${factsMax}) AS n`, [stationId, at]);
  expect(await under.books.tolerance.keep('demo', aFrame({ stationId, key: 'one too many' }))).toMatchObject({ kept: false });
  expect(await under.books.tolerance.keep('demo', aFrame({ stationId, key: 'f7' }))).toMatchObject({ kept: true, times: 2 });
  // One that was read since makes room; of those the newest stay.
  await under.books.tolerance.note('demo', { counts: [], frames: [{ ...aFrame({ stationId, key: 'f7', outcome: 'repaired' }), times: 1 }] });
  expect(await under.books.tolerance.keep('demo', aFrame({ stationId, key: 'one too many' }))).toMatchObject({ kept: true });
  await under.sql(`UPDATE quarantined_frame SET outcome = 'repaired' WHERE station_id = $1`, [stationId]);
  await under.books.tolerance.note('demo', { counts: [], frames: [{ ...aFrame({ stationId, key: 'an example' }), times: 1 }] });
  expect((await rowsOf('S2')).filter((row) => row.is_fact).length).toBe(factsMax);
  await under.sql('DELETE FROM quarantined_frame WHERE station_id = $1', [stationId]);
  const frames = Array.from({ length: examplesMax + 5 }, (_, n) => ({ ...aFrame({ stationId, key: `e${n}`, at: new Date(at.getTime() + n) }), times: 1 }));
  await under.books.tolerance.note('demo', { counts: [], frames });
  const rows = await rowsOf('S2');
  expect(rows.length).toBe(examplesMax);
  expect(rows[0]?.key).toBe('e5');
});

it('counts of two gateways add up, whichever comes first', async () => {
  const other = await under.another();
  const count = (given: Partial<DeviationCount>): DeviationCount => ({ stationId: under.stationId('demo', 'S3'), kind: 'missing-zone', count: 3, firstAt: at, lastAt: at, place: 'StartTransaction/timestamp', ...given });
  await Promise.all([
    under.books.tolerance.note('demo', { counts: [count({}), count({ kind: 'long-text' })], frames: [] }),
    other.tolerance.note('demo', { counts: [count({ kind: 'long-text', lastAt: later, place: 'StatusNotification/info' }), count({ count: 2, lastAt: later })], frames: [] }),
  ]);
  expect(await under.sql('SELECT kind, times, first_at, last_at, place FROM station_quirk WHERE station_id = $1 ORDER BY kind', [under.stationId('demo', 'S3')])).toEqual([
    { kind: 'long-text', times: '6', first_at: at, last_at: later, place: 'StatusNotification/info' },
    { kind: 'missing-zone', times: '5', first_at: at, last_at: later, place: 'StartTransaction/timestamp' },
  ]);
});

it('an example is forgotten after a month, a fact after a year and a bit; a station of another tenant gets nothing', async () => {
  const days = (n: number) => new Date(at.getTime() + n * 86_400_000);
  await under.books.tolerance.note('demo', { counts: [], frames: [{ ...aFrame({ key: 'example' }), times: 1 }] });
  await maintainBooks(app, { now: days(31), keepDays: 400 });
  expect((await rowsOf('S1')).map((row) => row.key)).toEqual(['k']);
  await maintainBooks(app, { now: days(402), keepDays: 4000 });
  expect(await rowsOf('S1')).toEqual([]);
  await under.books.tolerance.note('kota', { counts: [{ stationId: under.stationId('demo', 'S1'), kind: 'no-boot', count: 1, firstAt: at, lastAt: at, place: '' }], frames: [{ ...aFrame(), times: 1 }] });
  expect(await under.sql(`SELECT 1 FROM station_quirk WHERE tenant_id = 'kota'`)).toEqual([]);
});

it('a station is found with who made it, as its last boot said (G-39)', async () => {
  await under.books.stations.boot(from(under), { vendor: 'OpenEVSE', model: 'Advanced Series', serial: null, firmware: '4.2.2' });
  await under.books.sessions.start(from(under), aStart());
  expect(await under.books.stations.find('demo', 'S1')).toMatchObject({ vendor: 'OpenEVSE', model: 'Advanced Series', firmware: '4.2.2' });
});
