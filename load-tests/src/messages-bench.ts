import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { credentialHmac, newCredential, uuidv7 } from '@csms/kit';
import { freePort } from '@csms/store/embedded-postgres';
import { startTestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { WebSocket } from 'ws';

/*
 * Stored messages per second through real gateways and a real PostgreSQL with fsync on, and the CPU of both a thousand messages. A message counts
 * when its CALLRESULT has come; afterwards the books are audited: every acknowledged reading is there, once.
 */
const rootDir = resolve(import.meta.dirname, '../..');
const pepper = 'bench-pepper-bench-pepper';

export interface MessagesResult {
  stations: number; gateways: number; seconds: number; acknowledged: number; stored: number; perSecond: number;
  gatewayCpuSecondsPer1000: number; postgresCpuSecondsPer1000: number; lost: number; doubled: number;
}

/** Runs `stations` chargers closed-loop for `seconds`; each sends MeterValues with four samples as fast as it is answered. */
export async function messagesBench(options: { stations: number; gateways: number; seconds: number }): Promise<MessagesResult> {
  const database = await startTestDatabase({ fsync: true });
  const port = await freePort();
  const gateways: ChildProcess[] = [];
  try {
    const password = newCredential();
    await registerStations(database.adminUrl, options.stations, password);
    for (let i = 0; i < options.gateways; i++) gateways.push(await startGateway(database.appUrl, database.busUrl, port, `bench-${i}`));
    const stations = await Promise.all(Array.from({ length: options.stations }, (_, i) => connect(port, `B${i}`, password)));
    // As a charger would: every reading belongs to a running, priced session.
    const transactions = await Promise.all(stations.map((station, i) => station.call('StartTransaction', { connectorId: 1, idTag: `CARD${i}`, meterStart: 1000, timestamp: '2026-11-01T00:00:00.000Z' })));
    const ids = transactions.map((answer) => (answer as { transactionId: number }).transactionId);
    const cpuBefore = { gateways: cpuOf(gateways.map((g) => g.pid!)), postgres: cpuOf(family(database.pid!)) };
    const began = performance.now();
    let acknowledged = 0;
    let running = true;
    const loops = stations.map(async (station, index) => {
      for (let n = 0; running; n++) {
        await station.call('MeterValues', reading(index, n, ids[index]!));
        acknowledged += 1;
      }
    });
    await new Promise((done) => setTimeout(done, options.seconds * 1000));
    running = false;
    await Promise.all(loops);
    const seconds = (performance.now() - began) / 1000;
    const gatewayCpu = cpuOf(gateways.map((g) => g.pid!)) - cpuBefore.gateways;
    const postgresCpu = cpuOf(family(database.pid!)) - cpuBefore.postgres;
    for (const station of stations) station.close();
    const admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    const { rows } = await admin.query<{ stored: number; distinct: number }>(`SELECT count(*)::int AS stored, count(DISTINCT (station_id, at))::int AS distinct FROM meter_value`);
    await admin.end();
    const { stored, distinct } = rows[0]!;
    return {
      stations: options.stations, gateways: options.gateways, seconds, acknowledged, stored, perSecond: acknowledged / seconds,
      gatewayCpuSecondsPer1000: (gatewayCpu / acknowledged) * 1000, postgresCpuSecondsPer1000: (postgresCpu / acknowledged) * 1000,
      lost: Math.max(0, acknowledged - stored), doubled: stored - distinct,
    };
  } finally {
    for (const gateway of gateways) gateway.kill('SIGKILL');
    await database.close();
  }
}

/** Readings a second apart, so that every one has a time of its own. */
function reading(station: number, n: number, transactionId: number): unknown {
  const at = new Date(Date.UTC(2026, 10, 1) + n * 1000).toISOString();
  return {
    connectorId: 1, transactionId,
    meterValue: [{ timestamp: at, sampledValue: [
      { value: String(1000 + n), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }, { value: String(7000 + station), measurand: 'Power.Active.Import', unit: 'W' },
      { value: '31.2', measurand: 'Current.Import', unit: 'A', phase: 'L1' }, { value: '229.8', measurand: 'Voltage', unit: 'V', phase: 'L1' },
    ] }],
  };
}

async function registerStations(adminUrl: string, count: number, password: string): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    const siteId = uuidv7();
    await client.query(`INSERT INTO tenant (id, display_name) VALUES ('bench', 'Bench')`);
    await client.query(`INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('bench', $1, 'bench', 'bench', 'Bench', 'UTC')`, [siteId]);
    await client.query(
      `INSERT INTO station (tenant_id, id, site_id, identity, credential_hmac) SELECT 'bench', s.id, $1, s.identity, $2 FROM unnest($3::uuid[], $4::text[]) AS s(id, identity)`,
      [siteId, credentialHmac(pepper, password), Array.from({ length: count }, () => uuidv7()), Array.from({ length: count }, (_, i) => `B${i}`)]);
    await client.query(`INSERT INTO token (tenant_id, id, uid) SELECT 'bench', t.id, t.uid FROM unnest($1::uuid[], $2::text[]) AS t(id, uid)`, [Array.from({ length: count }, () => uuidv7()), Array.from({ length: count }, (_, i) => `CARD${i}`)]);
    await client.query(`SELECT ensure_meter_partitions('2026-11-01', '2026-11-04')`);
  } finally {
    await client.end();
  }
}

async function startGateway(databaseUrl: string, busUrl: string, port: number, name: string): Promise<ChildProcess> {
  const adminPort = await freePort();
  const child = spawn(process.execPath, [join(rootDir, 'services/ocpp-gateway/src/main.ts')], {
    cwd: rootDir, stdio: ['ignore', 'ignore', 'inherit'],
    env: {
      PATH: process.env['PATH'] ?? '', CSMS_MODE: 'lab', LOG_LEVEL: 'warn', DATABASE_URL: databaseUrl, BUS_DATABASE_URL: busUrl, CSMS_OCPP_PORT: String(port),
      CSMS_CREDENTIAL_PEPPER: pepper, CSMS_DRAIN_SECONDS: '1', ADMIN_PORT: String(adminPort), POD_NAME: name, CSMS_UPGRADES_PER_SECOND: '2000', CSMS_CONNECTIONS_MAX: '5000',
    },
  });
  for (let i = 0; i < 400; i++) {
    if (child.exitCode !== null) throw new Error('the gateway ended at its start');
    if (await fetch(`http://127.0.0.1:${adminPort}/readyz`).then((answer) => answer.ok, () => false)) return child;
    await new Promise((done) => setTimeout(done, 50));
  }
  throw new Error('the gateway was not ready within 20 s');
}

interface BenchStation { call(action: string, payload: unknown): Promise<unknown>; close(): void }

function connect(port: number, identity: string, password: string): Promise<BenchStation> {
  return new Promise((resolveStation, reject) => {
    const socket = new WebSocket(`ws://127.0.0.1:${port}/ocpp/bench/${identity}`, ['ocpp1.6'], {
      headers: { authorization: `Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}` }, perMessageDeflate: false,
    });
    let id = 0;
    let settle: { resolve: (payload: unknown) => void; reject: (error: Error) => void } | null = null;
    socket.on('message', (data: Buffer) => {
      const frame = JSON.parse(data.toString()) as unknown[];
      const waiting = settle;
      settle = null;
      if (frame[0] === 3) waiting?.resolve(frame[2]);
      else waiting?.reject(new Error(`refused: ${data.toString().slice(0, 200)}`));
    });
    socket.once('error', reject);
    socket.once('close', () => settle?.reject(new Error('the socket closed')));
    socket.once('open', () => {
      const call = (action: string, payload: unknown) => new Promise<unknown>((done, fail) => {
        settle = { resolve: done, reject: fail };
        socket.send(JSON.stringify([2, String(++id), action, payload]));
      });
      call('BootNotification', { chargePointVendor: 'Bench', chargePointModel: 'Bench' }).then(() => resolveStation({ call, close: () => socket.terminate() }), reject);
    });
  });
}

/** User and system seconds of living processes, from /proc; Linux alone. */
export function cpuOf(pids: number[]): number {
  return pids.reduce((sum, pid) => {
    try {
      const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ');
      // utime, stime and those of children that were waited for: fields 14 to 17 of proc(5), here counted from the third.
      return sum + [11, 12, 13, 14].reduce((ticks, at) => ticks + Number(fields[at]), 0) / 100;
    } catch {
      return sum;
    }
  }, 0);
}

export function family(parent: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try { return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]) === parent; } catch { return false; }
  });
  return [parent, ...children];
}
