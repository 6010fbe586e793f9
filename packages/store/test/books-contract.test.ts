import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll } from 'vitest';
import { commitBatch } from '../src/books/commit-batch.ts';
import { booksUnderTest, type BooksUnderTest } from '../src/books/testing.ts';
import { booksContract, type BooksCase } from '../src/books/testing/books-contract.ts';
import { TwinTables } from '../src/books/testing/twin-tables.ts';
import { openPool } from '../src/open-pool.ts';

let under: BooksUnderTest;
let pool: ReturnType<typeof openPool>;
beforeAll(async () => {
  under = await booksUnderTest();
  pool = openPool({ connectionString: under.database.appUrl, max: 2 });
});
afterAll(async () => {
  await pool?.end();
  await under?.[Symbol.asyncDispose]();
});

booksContract('PostgreSQL', async () => {
  // What an earlier case left would meet this one's cards.
  await under.sql(`UPDATE session SET state = 'ended' WHERE state = 'active'`);
  const [site] = await under.sql<{ id: string }>(`SELECT id FROM site WHERE tenant_id = 'demo'`);
  const station = async (): Promise<string> => {
    const id = randomUUID();
    await under.sql(`INSERT INTO station (tenant_id, id, site_id, identity) VALUES ('demo', $1, $2, $3)`, [id, site!.id, `C-${id}`]);
    return id;
  };
  const view: BooksCase = {
    stationId: await station(), otherStationId: await station(),
    commit: (facts) => commitBatch(pool, 'demo', facts),
    sessions: (id) => under.sql(`SELECT transaction_ref AS "transactionRef", state, energy_wh AS "energyWh", authorization_status AS authorization, flags FROM session WHERE station_id = $1 ORDER BY transaction_ref`, [id]),
    bills: (id) => under.sql(`SELECT s.transaction_ref AS "transactionRef", b.total_minor::int AS "totalMinor", b.state = 'final' AS final FROM bill b JOIN session s ON s.id = b.session_id WHERE s.station_id = $1 ORDER BY 1`, [id]),
    readings: async (id) => (await under.sql<{ transactionRef: string; at: Date; registerWh: number | null; other: unknown }>(`SELECT transaction_ref AS "transactionRef", at, register_wh AS "registerWh", other FROM meter_value WHERE station_id = $1 ORDER BY at`, [id])).map((row) => ({ ...row, at: row.at.toISOString() })),
    openOrphans: async (id) => Number((await under.sql<{ n: string }>('SELECT count(*) AS n FROM orphan_stop WHERE station_id = $1 AND matched_session_id IS NULL', [id]))[0]?.n),
    connectors: (id) => under.sql(`SELECT connector_id AS "connectorId", status FROM connector WHERE station_id = $1 ORDER BY 1`, [id]),
    station: async (id) => (await under.sql<{ online: boolean; vendor: string | null }>('SELECT online, vendor FROM station WHERE id = $1', [id]))[0]!,
  };
  return view;
});

booksContract('the twin in memory', async () => {
  const tables = new TwinTables(randomUUID);
  const [stationId, otherStationId] = ['a', 'b'];
  for (const id of [stationId, otherStationId]) tables.stations.set(id, { id, siteId: 'site', online: false, onlineEpoch: 0n, boot: null, lastSeenAt: null, status: null });
  for (const uid of ['CARD-1', 'BLOCKED']) tables.tokens.set(uid.toLowerCase(), { tenantId: 'demo', id: uid, uid, status: uid === 'BLOCKED' ? 'blocked' : 'active', validUntil: null, parentUid: null });
  tables.tariffs.push({ id: 't', siteId: null, currency: 'IDR', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: new Date(0), validUntil: null });
  const of = (id: string) => [...tables.sessions.values()].filter((session) => session.stationId === id).sort((a, b) => (a.transactionRef < b.transactionRef ? -1 : 1));
  const view: BooksCase = {
    stationId, otherStationId,
    commit: (facts) => tables.commit(facts),
    sessions: async (id) => of(id).map(({ transactionRef, state, energyWh, authorizationStatus, flags }) => ({ transactionRef, state, energyWh, authorization: authorizationStatus, flags })),
    bills: async (id) => of(id).flatMap((session) => { const bill = tables.bills.get(session.id); return bill ? [{ transactionRef: session.transactionRef, totalMinor: bill.totalMinor, final: bill.final }] : []; }),
    readings: async (id) => [...tables.readings.values()].filter((one) => one.stationId === id).map(({ reading }) => ({ transactionRef: reading.transactionRef, at: reading.at.toISOString(), registerWh: reading.registerWh, other: reading.other })).sort((a, b) => (a.at < b.at ? -1 : 1)),
    openOrphans: async (id) => tables.orphans.filter((orphan) => orphan.stationId === id && orphan.matchedSessionId === null).length,
    connectors: async (id) => [...tables.connectors.values()].filter((row) => row.stationId === id).map(({ connectorId, status }) => ({ connectorId, status })),
    station: async (id) => ({ online: tables.stations.get(id)!.online, vendor: tables.stations.get(id)!.boot?.vendor ?? null }),
  };
  return view;
});
