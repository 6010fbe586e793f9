import type { FactSource, Reading, StartFact, StopFact, TransactionEventFact } from '@csms/domain';
import { uuidv7 } from '@csms/kit';
import type pg from 'pg';
import { inTenant } from '../in-tenant.ts';
import { openPool } from '../open-pool.ts';
import { registerStation, registerTenant, registerToken, setTariff, setTokenStatus, upsertSite } from '../register.ts';
import { startTestDatabase, type TestDatabase } from '../testing.ts';
import { openBooks, type Books, type BooksOptions } from './open-books.ts';

export interface BooksUnderTest extends AsyncDisposable {
  database: TestDatabase;
  books: Books;
  /** Another process's books over the same database. */
  another(options?: Partial<BooksOptions>): Promise<Books>;
  stationId(tenantId: string, identity: string): string;
  /** SQL as a superuser: what is really there. */
  sql<T extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<T[]>;
}

const at = new Date('2026-11-24T08:00:00Z');
const actor = { name: 'test', now: at };

/** Real PostgreSQL with tenants demo and kota, a site each, stations S1, S2, S3, cards CARD-1, CARD-2 and BLOCKED, and a tariff of Rp 2,466 a kWh. */
export async function booksUnderTest(options: Partial<BooksOptions> = {}): Promise<BooksUnderTest> {
  const database = await startTestDatabase();
  const pool = openPool({ connectionString: database.appUrl, max: 2 });
  const admin = openPool({ connectionString: database.adminUrl, max: 2 });
  const ids = new Map<string, string>();
  for (const tenantId of ['demo', 'kota']) {
    await registerTenant(pool, { id: tenantId, displayName: tenantId });
    await inTenant(pool, tenantId, async (client) => {
      const siteId = await upsertSite(client, { namespace: tenantId, name: 'site', displayName: 'Site', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, actor);
      for (const identity of ['S1', 'S2', 'S3']) ids.set(`${tenantId}/${identity}`, (await registerStation(client, { siteId, identity, displayName: null }, 'pepper', actor)).id);
      for (const uid of ['CARD-1', 'CARD-2', 'BLOCKED']) {
        const id = await registerToken(client, { uid, kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, actor);
        if (uid === 'BLOCKED') await setTokenStatus(client, id, 'blocked', actor);
      }
      await setTariff(client, { siteId: null, name: 'T', currency: 'IDR', energyPerKwhMinor: 2466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: new Date(0), validUntil: null }, actor);
    });
  }
  await pool.query(`SELECT ensure_meter_partitions('2026-11-20', '2026-11-26')`);
  const opened = [await openBooks({ databaseUrl: database.appUrl, ...options })];
  return {
    database, books: opened[0]!,
    another: async (more = {}) => { const next = await openBooks({ databaseUrl: database.appUrl, ...more }); opened.push(next); return next; },
    stationId: (tenantId, identity) => ids.get(`${tenantId}/${identity}`)!,
    sql: async (text, values) => (await admin.query(text, values)).rows,
    async [Symbol.asyncDispose]() {
      for (const each of opened) await each.close();
      await pool.end();
      await admin.end();
      await database.close();
    },
  };
}

let messages = 0;
export function from(under: BooksUnderTest, identity = 'S1', more: Partial<FactSource> = {}): FactSource {
  const tenantId = more.tenantId ?? 'demo';
  return { tenantId, stationId: under.stationId(tenantId, identity), ocppVersion: 'ocpp1.6', messageId: `m${++messages}`, receivedAt: at, ...more };
}

/** Each start is its own, unless `startedAt` and the rest are given again. */
let starts = 0;
export function aStart(more: Partial<StartFact> = {}): StartFact {
  starts += 1;
  return { evseId: 1, connectorId: 1, tokenUid: 'CARD-1', startedAt: new Date(at.getTime() - 60_000 + starts), meterStartWh: 1000, reservationRef: null, payload: { start: starts }, ...more };
}

export function aStop(transactionRef: string, more: Partial<StopFact> = {}): StopFact {
  return { transactionRef, tokenUid: 'CARD-1', endedAt: new Date(at.getTime() + 600_000), meterStopWh: 6000, reason: 'Local', readings: [], payload: {}, ...more };
}

export function aReading(transactionRef: string, seconds: number, registerWh: number | null, more: Partial<Reading> = {}): Reading {
  return { evseId: 1, connectorId: 1, transactionRef, at: new Date(at.getTime() + seconds * 1000), context: null, registerWh, powerW: null, currentA: null, voltageV: null, socPct: null, temperatureC: null, other: null, ...more };
}

export function anEvent(transactionRef: string, seqNo: number, kind: TransactionEventFact['kind'], more: Partial<TransactionEventFact> = {}): TransactionEventFact {
  return {
    kind, transactionRef, seqNo, at: new Date(at.getTime() + seqNo * 60_000), offline: false, trigger: 'x', evseId: 1, connectorId: 1, tokenUid: 'CARD-1', remoteStartId: null,
    stopReason: null, chargingState: null, readings: [aReading(transactionRef, seqNo * 60, 1000 + seqNo * 100)], payload: {}, ...more,
  };
}

export const newRef = (): string => uuidv7();
