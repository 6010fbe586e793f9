import { spawn, type ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { inTenant, registerStation, registerTenant, registerToken, setTariff, upsertSite } from '@csms/store';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { auditFile } from '../src/audit/audit.ts';
import { replayFile, type ReplayResult } from '../src/replay/replay.ts';

const rootDir = fileURLToPath(new URL('../../', import.meta.url));
const file = join(rootDir, 'examples/replay/perth-kinross-500.csv');
const pepper = 'a pepper for a replay';
const actor = { name: 'test', now: new Date('2026-11-24T00:00:00Z') };
const asOf = new Date('2026-11-24T12:00:00Z');

interface Gateway { port: number; process: ChildProcess; exited: Promise<unknown> }

let database: TestDatabase;
let app: pg.Pool;
let siteId: string;
const gateways: Gateway[] = [];

/** services/ocpp-gateway as it is deployed, listening. */
async function startGateway(port: number): Promise<Gateway> {
  const child = spawn(process.execPath, [join(rootDir, 'services/ocpp-gateway/src/main.ts')], {
    cwd: rootDir, stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '', CSMS_MODE: 'lab', CSMS_OCPP_PORT: String(port), ADMIN_PORT: '0', LOG_LEVEL: 'info', CSMS_DEFAULT_TENANT: 'demo',
      CSMS_CREDENTIAL_PEPPER: pepper, CSMS_DRAIN_SECONDS: '2', DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl,
    },
  });
  const heard: string[] = [];
  child.stderr.on('data', (data: Buffer) => heard.push(String(data)));
  const exited = new Promise((resolve) => child.once('exit', resolve));
  const taken = await new Promise<number>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(line);
      if (line.includes('"event":"listening"')) resolve(Number(/"port":(\d+)/.exec(line)?.[1]));
    });
    void exited.then(() => reject(new Error(`the gateway ended:\n${heard.join('\n')}`)));
  });
  const gateway = { port: taken, process: child, exited };
  gateways.push(gateway);
  return gateway;
}

beforeAll(async () => {
  database = await startTestDatabase();
  app = new pg.Pool({ connectionString: database.appUrl, max: 4 });
  app.on('error', () => undefined);
  await registerTenant(app, { id: 'demo', displayName: 'Demo' });
  siteId = await inTenant(app, 'demo', async (client) => {
    await setTariff(client, { siteId: null, name: 'Default', currency: 'IDR', energyPerKwhMinor: 2_466, sessionFeeMinor: 1_500, idlePerMinuteMinor: 300, idleGraceMinutes: 10, validFrom: new Date(0), validUntil: null }, actor);
    return upsertSite(client, { namespace: 'test', name: 'perth', displayName: 'Perth', latitude: null, longitude: null, address: null, timeZone: 'Europe/London', gridMaxPowerW: null, heartbeatIntervalS: 300, spec: {} }, actor);
  });
});

afterAll(async () => {
  for (const gateway of gateways) {
    gateway.process.kill('SIGKILL');
    await gateway.exited;
  }
  await app?.end();
  await database?.close();
});

const passwords = new Map<string, string>();

function play(port: number, onSession: (done: number) => void): Promise<ReplayResult> {
  return replayFile({
    file, ocppUrl: `ws://127.0.0.1:${port}/ocpp/demo`, dialect: 'mixed', concurrency: 12, asOf,
    registerStation: async ({ identity }) => {
      const known = passwords.get(identity);
      if (known) return known;
      const { password } = await inTenant(app, 'demo', (client) => registerStation(client, { siteId, identity, displayName: null }, pepper, actor));
      passwords.set(identity, password);
      return password;
    },
    registerToken: async (idTag) => {
      await inTenant(app, 'demo', async (client) => {
        const { rowCount } = await client.query('SELECT 1 FROM token WHERE uid = $1', [idTag]);
        if (rowCount === 0) await registerToken(client, { uid: idTag, kind: 'rfid', driverName: null, validUntil: null, parentUid: null }, actor);
      });
    },
    onProgress: ({ phase, done }) => { if (phase === 'playing') onSession(done); },
  });
}

const audit = () => auditFile({ file, databaseUrl: database.appUrl, tenant: 'demo', asOf });

describe('five hundred real sessions over two gateways on one port', () => {
  it('I-3 every session is on the books once, with its Wh and its rupiah, though one gateway is killed half-way', async () => {
    const first = await startGateway(0);
    await startGateway(first.port);
    let killed = false;
    const result = await play(first.port, (done) => {
      if (done < 250 || killed) return;
      killed = true;
      first.process.kill('SIGKILL');
    });

    expect(killed).toBe(true);
    expect(result.sessions).toBe(500);
    // The kill was felt: some stations had to come back.
    const connections = result.stations.reduce((sum, station) => sum + station.connections, 0);
    expect(connections).toBeGreaterThan(result.stations.length);
    const report = await audit();
    expect(report.differences).toEqual([]);
    expect(report.books).toMatchObject({ sessions: 500, energyWh: 5_447_895, bills: 500 });
    expect(report.books.totalMinor).toBe(report.file.totalMinor);
    expect(report.books.byVersion['ocpp1.6']).toBeGreaterThan(100);
    expect(report.books.byVersion['ocpp2.0.1']).toBeGreaterThan(100);
  });

  it('playing the same file once more adds nothing', async () => {
    const port = gateways[1]?.port ?? 0;
    await play(port, () => undefined);
    const report = await audit();
    expect(report.differences).toEqual([]);
    expect(report.books).toMatchObject({ sessions: 500, bills: 500 });
  });

  it('the audit names one row that was changed on purpose, and what became of it', async () => {
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    try {
      const { rows } = await admin.query<{ id: string; energy_wh: number; transaction_ref: string; identity: string }>(
        `SELECT s.id, s.energy_wh, s.transaction_ref, st.identity FROM session s JOIN station st ON st.id = s.station_id WHERE s.energy_wh > 1000 ORDER BY s.started_at LIMIT 1 OFFSET 123`);
      const [row] = rows;
      if (!row) throw new Error('there is no such session');
      await admin.query('UPDATE session SET energy_wh = energy_wh + 1 WHERE id = $1', [row.id]);
      const afterEnergy = await audit();
      expect(afterEnergy.isClean).toBe(false);
      expect(afterEnergy.differences).toMatchObject([{ kind: 'energy differs', identity: row.identity, transactionRef: row.transaction_ref }]);
      await admin.query('UPDATE session SET energy_wh = energy_wh - 1 WHERE id = $1', [row.id]);

      await admin.query('UPDATE bill SET total_minor = total_minor + 1 WHERE session_id = $1', [row.id]);
      expect((await audit()).differences).toMatchObject([{ kind: 'wrong amount', transactionRef: row.transaction_ref }]);
      await admin.query('UPDATE bill SET total_minor = total_minor - 1 WHERE session_id = $1', [row.id]);

      await admin.query(
        `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, token_uid, started_at, start_received_at, ended_at, state, energy_wh)
         SELECT tenant_id, gen_random_uuid(), station_id, evse_id, connector_id, 'once-more', 'ocpp2.0.1', token_uid, started_at, start_received_at, ended_at, state, energy_wh FROM session WHERE id = $1`, [row.id]);
      expect((await audit()).differences).toMatchObject([{ kind: 'doubled', transactionRef: 'once-more' }]);
      await admin.query(`DELETE FROM session WHERE transaction_ref = 'once-more'`);

      await admin.query('DELETE FROM bill WHERE session_id = $1', [row.id]);
      expect((await audit()).differences).toMatchObject([{ kind: 'unbilled', transactionRef: row.transaction_ref }]);
      await admin.query(`UPDATE session SET token_uid = 'nobody' WHERE id = $1`, [row.id]);
      expect((await audit()).counts).toMatchObject({ missing: 1, extra: 1 });
    } finally {
      await admin.end();
    }
  });
});
