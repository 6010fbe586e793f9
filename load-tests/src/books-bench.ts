import { performance } from 'node:perf_hooks';
import { openBooks, type Books } from '@csms/store';
import { registerStation, registerTenant, upsertSite } from '@csms/store/register';
import { inTenant } from '@csms/store/in-tenant';
import { openPool } from '@csms/store/open-pool';
import { startTestDatabase } from '@csms/store/testing';
import type { FactSource, Reading } from '@csms/domain';
import type pg from 'pg';
import type { BenchRow } from './bench-row.ts';
import { cpuOf, family } from './fleet/bench-platform.ts';

/*
 * What a durable reading costs: CPU of this process and of PostgreSQL (fsync on) for a thousand readings of running sessions, at so many readings a
 * commit, through the books as the gateway uses them. On a shared machine only CPU counts; rates are a lower bound.
 */
const stationsCount = 200;
const perCommit = [1, 10, 20, 50, 200];
const readingsAtMost = 20_000;
const secondsEach = 4;

/** CPU of a thousand durable readings at so many a commit. */
export async function booksBench(): Promise<BenchRow[]> {
  const database = await startTestDatabase({ fsync: true });
  const pool = openPool({ connectionString: database.appUrl, max: 2 });
  const books = await openBooks({ databaseUrl: database.appUrl });
  const rows: BenchRow[] = [];
  let second = 0;
  let acknowledged = 0;
  try {
    const sources = await prepare(pool, books);
    for (const size of perCommit) {
      // A first round that is not counted: plans, caches and the compiler settle.
      await play(size, 30);
      rows.push(await play(size, secondsEach * 1000));
    }
    const { rows: [stored] } = await inTenant(pool, 'bench', (client) => client.query<{ n: number }>('SELECT count(*)::int AS n FROM meter_value'));
    rows.push({ bench: 'books', what: 'readings acknowledged and not stored', value: acknowledged - (stored?.n ?? 0), unit: '', limit: { atMost: 0 }, detail: `${acknowledged} acknowledged` });
    return rows;

    async function play(size: number, forMs: number): Promise<BenchRow> {
      const before = { node: process.cpuUsage(), postgres: cpuOf(family(database.pid!)) };
      const began = performance.now();
      let readings = 0;
      for (let at = 0; readings < readingsAtMost && performance.now() - began < forMs;) {
        second += 1;
        const from = Array.from({ length: size }, () => sources[at++ % sources.length]!);
        await Promise.all(from.map(({ source, transactionRef }) => books.sessions.readings(source, [readingAt(transactionRef, second)], null)));
        readings += size;
      }
      acknowledged += readings;
      const perSecond = readings / ((performance.now() - began) / 1000);
      const { user, system } = process.cpuUsage(before.node);
      const node = (user + system) / 1e6 / readings * 1000;
      const postgres = (cpuOf(family(database.pid!)) - before.postgres) / readings * 1000;
      return { bench: 'books', what: `CPU per 1,000 durable readings, ${size} a commit`, value: node + postgres, unit: 's', detail: `Node ${node.toFixed(3)} + PostgreSQL ${postgres.toFixed(3)}; ${Math.round(perSecond)}/s` };
    }
  } finally {
    await books.close();
    await pool.end();
    await database.close();
  }
}

/** One tenant, its stations, each with a running session, as a charger would have. */
async function prepare(pool: pg.Pool, books: Books): Promise<{ source: FactSource; transactionRef: string }[]> {
  const now = new Date();
  const actor = { name: 'bench', now };
  await registerTenant(pool, { id: 'bench', displayName: 'Bench' });
  const stationIds = await inTenant(pool, 'bench', async (client) => {
    const siteId = await upsertSite(client, { namespace: 'bench', name: 'bench', displayName: 'Bench', latitude: null, longitude: null, address: null, timeZone: 'UTC', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, actor);
    const ids: string[] = [];
    for (let i = 0; i < stationsCount; i += 1) ids.push((await registerStation(client, { siteId, identity: `B${i}`, displayName: null }, 'bench-pepper', actor)).id);
    return ids;
  });
  await pool.query(`SELECT ensure_meter_partitions('2026-11-01', '2026-11-02')`);
  return Promise.all(stationIds.map(async (stationId, i) => {
    const source: FactSource = { tenantId: 'bench', stationId, ocppVersion: 'ocpp1.6', messageId: `m${i}`, receivedAt: now };
    const { transactionRef } = await books.sessions.start(source, { evseId: 1, connectorId: 1, tokenUid: `CARD${i}`, startedAt: new Date('2026-11-01T00:00:00Z'), meterStartWh: 0, reservationRef: null, payload: null });
    return { source, transactionRef };
  }));
}

function readingAt(transactionRef: string, second: number): Reading {
  return {
    evseId: 1, connectorId: 1, transactionRef, at: new Date(Date.UTC(2026, 10, 1) + second * 1000), context: 'Sample.Periodic', registerWh: second * 2, powerW: 7200, currentA: 31.3, voltageV: 230,
    socPct: 55, temperatureC: null, other: null,
  };
}
