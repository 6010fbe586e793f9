import { spawn, type ChildProcess } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { openBus, openReplyDesk } from '@csms/bus';
import { sendCommand } from '@csms/domain/command/send-command';
import type { CommandRecord, StationCommand } from '@csms/domain';
import { uuidv7 } from '@csms/kit';
import { inTenant, openCommandLedger, registerStation, registerTenant, registerToken, upsertSite } from '@csms/store';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { rawUpgrade } from '../src/testing/raw-station.ts';

const rootDir = join(import.meta.dirname, '../../..');
export const pepper = 'a pepper for whole processes';
export const actor = { name: 'test', now: new Date('2026-11-24T00:00:00Z') };

/** A real database with a tenant, a site and a card, and the gateways that a test starts over it. */
export interface Platform {
  database: TestDatabase;
  /** Asks the database as a superuser: an audit, past every rule of ours. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** Registers stations; the passwords come back by identity. */
  register(...identities: string[]): Promise<Map<string, string>>;
  /** Asks a station as the API does, and waits for the end. */
  ask(identity: string, command: StationCommand, timeoutMs?: number): Promise<CommandRecord>;
  /** Resolves when the bus says that this gateway holds the station's socket. */
  held(identity: string, by: GatewayProcess): Promise<void>;
  /** The gateway that holds it, as the bus says; null: none. */
  holder(identity: string): Promise<string | null>;
  /** In a transaction of the tenant, as the application. */
  inTenant<T>(work: (client: pg.PoolClient, stationId: (identity: string) => Promise<string>) => Promise<T>): Promise<T>;
  startGateway(more?: Record<string, string>): Promise<GatewayProcess>;
  /** Does the work while the gateway cannot reach the database: it lost its connections and gets no new one. */
  booksAway(gateway: GatewayProcess, work: () => Promise<void>): Promise<void>;
  close(): Promise<void>;
}

export interface GatewayProcess { port: number; adminPort: number; /** Its name on the bus. */
  gateway: string; plainPort: number | null; tlsPort: number | null; mappedPorts: number[]; process: ChildProcess; exited: Promise<number | null>; heard: string[]; metrics(): Promise<string> }

export async function openPlatform(): Promise<Platform> {
  const database = await startTestDatabase();
  const app = new pg.Pool({ connectionString: database.appUrl, max: 2 });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  // Also a connection that is just going when the database is stopped.
  for (const pool of [app, admin]) pool.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  await registerTenant(app, { id: 'demo', displayName: 'Demo' });
  const siteId = await inTenant(app, 'demo', async (client) => {
    await registerToken(client, { uid: 'CARD-1', kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, actor);
    await registerToken(client, { uid: 'CARD-2', kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, actor);
    return upsertSite(client, { namespace: 'test', name: 'site', displayName: 'Site', latitude: null, longitude: null, address: null, timeZone: 'Asia/Jakarta', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, actor);
  });
  const gateways: GatewayProcess[] = [];
  const ledger = openCommandLedger({ pool: app, cards: cardKeysOfPepper(pepper) });
  const bus = await openBus({ databaseUrl: database.busUrl, log: { info: () => {}, warn: () => {} } });
  const replies = await openReplyDesk(bus, `api-${uuidv7()}`);
  const stationId = async (identity: string): Promise<string> => String((await admin.query('SELECT id FROM station WHERE identity = $1', [identity])).rows[0]?.id);
  return {
    database,
    sql: async (text, values = []) => (await admin.query(text, values)).rows as never,
    register: (...identities) => inTenant(app, 'demo', async (client) => {
      const passwords = new Map<string, string>();
      for (const identity of identities) passwords.set(identity, (await registerStation(client, { siteId, identity, displayName: null }, pepper, actor)).password);
      return passwords;
    }),
    inTenant: (work) => inTenant(app, 'demo', (client) => work(client, stationId)),
    holder: async (identity) => (await bus.ownerOf('demo', await stationId(identity)))?.gateway ?? null,
    held: async (identity, by) => void await eventually(async () => bus.ownerOf('demo', await stationId(identity)), (owner) => owner?.gateway === by.gateway),
    ask: async (identity, command, timeoutMs = 20_000) => {
      const outcome = await sendCommand({ ledger, bus, now: () => new Date(), newId: uuidv7, replyTo: replies.name, waitForReply: replies.waitForReply }, {
        tenantId: 'demo', stationId: await stationId(identity), command, idempotencyKey: uuidv7(), createdBy: 'test', timeoutMs,
      });
      return outcome.record;
    },
    startGateway: async (more = {}) => {
      const gateway = await startGateway({ DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl, ...more });
      gateways.push(gateway);
      return gateway;
    },
    booksAway: async (gateway, work) => {
      const [row] = (await admin.query<{ name: string }>('SELECT current_database() AS name')).rows;
      const name = pg.escapeIdentifier(row?.name ?? '');
      await admin.query(`ALTER DATABASE ${name} CONNECTION LIMIT 0`);
      try {
        const cut = `SELECT count(pg_terminate_backend(pid, 5000)) AS n FROM pg_stat_activity WHERE datname = current_database() AND application_name = 'csms-books'`;
        await eventually(async () => String((await admin.query<{ n: string }>(cut)).rows[0]?.n), (left) => left === '0');
        await work();
      } finally {
        await admin.query(`ALTER DATABASE ${name} CONNECTION LIMIT -1`);
      }
      // The books are back where somebody whom nobody remembers is looked up again.
      await eventually(async () => (await rawUpgrade({ port: gateway.port, target: `/ocpp/demo/${uuidv7()}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6' } })).status, (status) => status === 401);
    },
    close: async () => {
      for (const { process: child, exited } of gateways) { child.kill('SIGKILL'); await exited; }
      await replies.close();
      await bus.close();
      await app.end();
      await admin.end();
      await database.close();
    },
  };
}

/** Starts services/ocpp-gateway as it is deployed; resolves when it listens. */
async function startGateway(more: Record<string, string>): Promise<GatewayProcess> {
  const child = spawn(process.execPath, [join(rootDir, 'services/ocpp-gateway/src/main.ts')], {
    cwd: rootDir, stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', CSMS_MODE: 'lab', CSMS_OCPP_PORT: '0', ADMIN_PORT: '0', CSMS_DEFAULT_TENANT: 'demo', CSMS_CREDENTIAL_PEPPER: pepper, CSMS_DRAIN_SECONDS: '5', ...more },
  });
  const heard: string[] = [];
  child.stderr.on('data', (data: Buffer) => heard.push(String(data)));
  const exited = new Promise<number | null>((resolve) => child.once('exit', (code) => resolve(code)));
  const listening = new Promise<Pick<GatewayProcess, 'port' | 'adminPort' | 'gateway' | 'plainPort' | 'tlsPort' | 'mappedPorts'>>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(line);
      if (line.includes('"event":"listening"')) resolve(JSON.parse(line) as GatewayProcess);
    });
    void exited.then((code) => reject(new Error(`the gateway ended with ${code}:\n${heard.join('\n')}`)));
  });
  const { port, adminPort, gateway, plainPort, tlsPort, mappedPorts } = await listening;
  return { port, adminPort, gateway, plainPort, tlsPort, mappedPorts, process: child, exited, heard, metrics: async () => (await fetch(`http://127.0.0.1:${adminPort}/metrics`)).text() };
}

/** Waits until a question to the outside has the wanted answer; the test's own limit is the only clock. */
export async function eventually<T>(ask: () => Promise<T>, holds: (answer: T) => boolean): Promise<T> {
  while (true) {
    const answer = await ask();
    if (holds(answer)) return answer;
    await new Promise((resolve) => setTimeout(resolve, 25));
  }
}
