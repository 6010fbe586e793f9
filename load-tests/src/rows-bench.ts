import { openBooks } from '@csms/store';
import type { FactSource, Reading } from '@csms/domain';
import { median, type BenchRow } from './bench-row.ts';
import { cpuOf, family, openBenchPlatform, type BenchPlatform } from './fleet/bench-platform.ts';

const stations = 2_000;
const [few, many] = [1_000_000, 10_000_000];
const loadStep = 500_000;
const perCommit = 100;
const readingsEach = 40_000;
const rounds = 3;
/** One day, so that every row is in the partition and the index that new readings go to: the worst case. */
const day = '2026-11-01';

interface Running { source: FactSource; transactionRef: string }

/** What storing a reading costs (Node and PostgreSQL with fsync) with ten million rows in the table against one million. */
export async function rowsBench(): Promise<BenchRow[]> {
  const platform = await openBenchPlatform({ stations, durable: true });
  const books = await openBooks({ databaseUrl: platform.database.appUrl });
  let second = 0;
  try {
    const rows = await platform.sql<{ id: string }>('SELECT id FROM station ORDER BY identity');
    const running = await Promise.all(rows.map(async ({ id }, n): Promise<Running> => {
      const source: FactSource = { tenantId: 'bench', stationId: id, ocppVersion: 'ocpp1.6', messageId: `m${n}`, receivedAt: new Date() };
      const { transactionRef } = await books.sessions.start(source, { evseId: 1, connectorId: 1, tokenUid: `CARD${n}`, startedAt: new Date(`${day}T12:00:00Z`), meterStartWh: 0, reservationRef: null, payload: null });
      return { source, transactionRef };
    }));
    const store = async (): Promise<number> => {
      const before = { node: process.cpuUsage(), postgres: cpuOf(family(platform.database.pid!)) };
      for (let readings = 0; readings < readingsEach; readings += perCommit) {
        if (readings % stations === 0) second += 1;
        await Promise.all(running.slice(readings % stations, (readings % stations) + perCommit).map(({ source, transactionRef }) => books.sessions.readings(source, [readingAt(transactionRef, second)], null)));
      }
      const { user, system } = process.cpuUsage(before.node);
      return ((user + system) / 1e6 + cpuOf(family(platform.database.pid!)) - before.postgres) / readingsEach * 1000;
    };
    const cost = async (): Promise<number> => {
      await platform.sql('ANALYZE meter_value');
      await platform.sql('CHECKPOINT');
      // Not counted: after a checkpoint the first touch of a page is written whole.
      await store();
      const costs: number[] = [];
      for (let round = 0; round < rounds; round += 1) costs.push(await store());
      return median(costs);
    };
    await fill(platform, 0, few);
    const atFew = await cost();
    await fill(platform, few, many);
    const atMany = await cost();
    const [size] = await platform.sql<{ mib: number; rows: number }>(`SELECT (pg_total_relation_size('meter_value_20261101') / 1048576)::int AS mib, (SELECT count(*)::int FROM meter_value) AS rows`);
    return [{
      bench: 'rows', what: 'insert cost at 10 million meter rows against 1 million', value: atMany / atFew, unit: 'times', limit: { atMost: 1.2 },
      detail: `CPU s per 1,000 readings, ${perCommit} a commit: ${atFew.toFixed(3)} and ${atMany.toFixed(3)}, median of ${rounds}; ${size?.rows} rows, ${size?.mib} MiB with the index`,
    }];
  } finally {
    await books.close();
    await platform.close();
  }
}

/** Rows of the same stations, some of every station in each step, before noon. */
async function fill(platform: BenchPlatform, from: number, until: number): Promise<void> {
  for (let first = from; first < until; first += loadStep) {
    await platform.sql(
      `INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, context, register_wh, power_w, current_a, voltage_v)
       SELECT 'bench', s.id, 1, 1, '', timestamptz '${day}T00:00:00Z' + ((n / $3) * interval '1 second'), now(), 'Sample.Periodic', n, 7200, 31.2, 229.8
       FROM generate_series($1::int, $2::int) AS n JOIN (SELECT id, row_number() OVER (ORDER BY identity) - 1 AS k FROM station) AS s ON s.k = n % $3`,
      [first, Math.min(first + loadStep, until) - 1, stations]);
  }
}

function readingAt(transactionRef: string, second: number): Reading {
  return {
    evseId: 1, connectorId: 1, transactionRef, at: new Date(Date.parse(`${day}T12:00:00Z`) + second * 1000), context: 'Sample.Periodic', registerWh: second * 2, powerW: 7200, currentA: 31.3, voltageV: 230,
    socPct: null, temperatureC: null, other: null,
  };
}
