import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { booksUnderTest, from, type BooksUnderTest } from '../src/books/testing.ts';

let under: BooksUnderTest;
beforeAll(async () => { under = await booksUnderTest({ lane: { windowMs: 50 } }); });
afterAll(() => under?.[Symbol.asyncDispose]());

const at = (second: number): Date => new Date(Date.UTC(2026, 10, 24, 8, 0, second));
const row = async (identity: string) => (await under.sql<{ online: boolean; epoch: string; since: Date | null; gone: Date | null; model: string | null }>(
  `SELECT online, online_epoch::text AS epoch, online_since AS since, offline_since AS gone, model FROM station WHERE tenant_id = 'demo' AND identity = $1`, [identity]))[0];

describe('many stations in one batch', () => {
  it('are looked up together: each asker gets its own station or none, and another tenant\'s is not found', async () => {
    const asked = Array.from({ length: 60 }, (_, n) => ['S1', 'S2', 'NOBODY'][n % 3]!);
    const found = await Promise.all(asked.map((identity) => under.books.stations.find('demo', identity)));
    expect(found.map((station) => station?.identity ?? null)).toEqual(asked.map((identity) => (identity === 'NOBODY' ? null : identity)));
    expect(new Set(found.filter((station) => station !== null).map((station) => station.id))).toEqual(new Set([under.stationId('demo', 'S1'), under.stationId('demo', 'S2')]));
    const [ours, theirs] = await Promise.all([under.books.stations.find('demo', 'S1'), under.books.stations.find('kota', 'S1')]);
    expect([ours?.tenantId, theirs?.tenantId]).toEqual(['demo', 'kota']);
    expect(ours?.id).not.toBe(theirs?.id);
  });

  it('presence keeps its order and its epochs where one station goes and comes back within the batch', async () => {
    const { stations } = under.books;
    const [s1, s2] = [under.stationId('demo', 'S1'), under.stationId('demo', 'S2')];
    await stations.presence('demo', s1, 10n, true, at(1), 'ocpp1.6');
    await Promise.all([
      stations.presence('demo', s1, 10n, false, at(2), 'ocpp1.6'), stations.presence('demo', s2, 20n, true, at(2), 'ocpp1.6'),
      stations.presence('demo', s1, 11n, true, at(3), 'ocpp1.6'), stations.presence('demo', s2, 19n, false, at(3), 'ocpp1.6'),
    ]);
    expect(await row('S1')).toMatchObject({ online: true, epoch: '11', since: at(3), gone: at(2) });
    // An older socket's word changes nothing, also in the same batch.
    expect(await row('S2')).toMatchObject({ online: true, epoch: '20', since: at(2), gone: null });
  });

  it('a station that boots twice is what it said last', async () => {
    const boot = (identity: string, model: string) => under.books.stations.boot(from(under, identity), { vendor: 'V', model, serial: null, firmware: null });
    await Promise.all([boot('S1', 'first'), boot('S2', 'other'), boot('S1', 'second')]);
    expect([(await row('S1'))?.model, (await row('S2'))?.model]).toEqual(['second', 'other']);
  });
});
