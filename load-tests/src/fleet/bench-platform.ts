import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { credentialHmac, newCredential, uuidv7 } from '@csms/kit';
import { makeAuthority, makeCertificate } from '@csms/kit/x509/make-certificate';
import { freePort } from '@csms/store/embedded-postgres';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { z } from 'zod';

const rootDir = resolve(import.meta.dirname, '../../..');
const pepper = 'bench-pepper-bench-pepper';
const dayMs = 86_400_000;

export interface TlsFiles { folder: string; caFile: string; certificateFile: string; keyFile: string }

/** A gateway as it is deployed, in a process of its own. */
export interface BenchGateway { name: string; pid: number; adminPort: number; process: ChildProcess; exited: Promise<number | null> }

/** Real servers on this machine: PostgreSQL, the bus (Redis where there is one), and the gateways that are started over them, all on one port. */
export interface BenchPlatform {
  database: TestDatabase;
  /** Where stations connect; the kernel spreads new sockets over the gateways that listen. */
  port: number;
  password: string;
  /** Files of the TLS ports, PEM; null without `tls`. */
  tls: TlsFiles | null;
  tlsPort: number;
  bus: 'redis' | 'postgres';
  gateways: BenchGateway[];
  /** Resolves when it listens. `flags` are Node's own. */
  startGateway(more?: Record<string, string>, flags?: string[]): Promise<BenchGateway>;
  /** Registers cards CARD<from> and up. */
  addCards(from: number, count: number): Promise<void>;
  /** Asks the database as a superuser: an audit, past every rule of ours. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  /** CPU seconds so far, user and system, of every server; a gateway that ended is in it until it ended. */
  cpu(): { gateways: number; postgres: number; redis: number };
  close(): Promise<void>;
}

/**
 * Starts the stores and registers stations B0, B1 ... with one password and a card each, and a tariff.
 * `durable`: commits wait for the disk, as in production. `tls`: gateways have a TLS port as well, and the stations are of security profile 2.
 */
export async function openBenchPlatform(options: { stations: number; durable: boolean; tls?: boolean }): Promise<BenchPlatform> {
  const database = await startTestDatabase({ fsync: options.durable });
  const redis = await startRedis();
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 2 });
  admin.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  const password = newCredential();
  const [port, tlsPort] = [await freePort(), await freePort()];
  const tls = options.tls === true ? await makeTls() : null;
  const gateways: BenchGateway[] = [];
  let cpuOfEnded = 0;
  const addCards = async (from: number, count: number): Promise<void> => {
    await admin.query(`INSERT INTO token (tenant_id, id, uid) SELECT 'bench', t.id, t.uid FROM unnest($1::uuid[], $2::text[]) AS t(id, uid)`,
      [Array.from({ length: count }, () => uuidv7()), Array.from({ length: count }, (_, n) => `CARD${from + n}`)]);
  };
  await registerStations(admin, options.stations, password, tls === null ? 1 : 2);
  await addCards(0, options.stations);
  return {
    database, port, tlsPort, tls, password, gateways, bus: redis === null ? 'postgres' : 'redis', addCards,
    startGateway: async (more = {}, flags = []) => {
      const gateway = await startGateway({
        DATABASE_URL: database.appUrl, BUS_DATABASE_URL: database.busUrl, ...(redis === null ? {} : { REDIS_URL: redis.url }), CSMS_OCPP_PORT: String(port), ...(tls === null ? {} : { CSMS_TLS_CERT_FILE: tls.certificateFile, CSMS_TLS_KEY_FILE: tls.keyFile, CSMS_OCPPS_PORT: String(tlsPort) }), POD_NAME: `bench-${gateways.length}`, ...more,
      }, flags);
      gateways.push(gateway);
      let last = 0;
      const watch = setInterval(() => { last = Math.max(last, cpuOf([gateway.pid])); }, 500);
      void gateway.exited.then(() => { clearInterval(watch); cpuOfEnded += last; });
      return gateway;
    },
    sql: async (text, values = []) => (await admin.query(text, values)).rows as never,
    cpu: () => ({ gateways: cpuOfEnded + cpuOf(gateways.filter((each) => each.process.exitCode === null).map((each) => each.pid)), postgres: cpuOf(family(database.pid!)), redis: redis === null ? 0 : cpuOf([redis.pid]) }),
    close: async () => {
      for (const gateway of gateways) { gateway.process.kill('SIGKILL'); await gateway.exited; }
      await admin.end();
      await database.close();
      await redis?.stop();
      if (tls !== null) rmSync(tls.folder, { recursive: true, force: true });
    },
  };
}

/** An authority and a server certificate (P-256) of this run, as files. */
async function makeTls(): Promise<TlsFiles> {
  const folder = mkdtempSync(join(tmpdir(), 'csms-bench-tls-'));
  const validity = { notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) };
  const authority = await makeAuthority({ commonName: 'CA of a bench', ...validity });
  const server = await makeCertificate({ commonName: 'gateway', usage: 'server', hostNames: ['localhost'], ...validity }, authority);
  const write = (name: string, text: string): string => { const file = join(folder, name); writeFileSync(file, text); return file; };
  return { folder, caFile: write('ca.pem', authority.certificatePem), certificateFile: write('server.pem', server.certificatePem), keyFile: write('server.key', server.keyPem) };
}

async function registerStations(admin: pg.Pool, count: number, password: string, securityProfile: number): Promise<void> {
  const siteId = uuidv7();
  await admin.query(`INSERT INTO tenant (id, display_name) VALUES ('bench', 'Bench')`);
  await admin.query(`INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('bench', $1, 'bench', 'bench', 'Bench', 'UTC')`, [siteId]);
  await admin.query(
    `INSERT INTO station (tenant_id, id, site_id, identity, credential_hmac, security_profile) SELECT 'bench', s.id, $1, s.identity, $2, $5 FROM unnest($3::uuid[], $4::text[]) AS s(id, identity)`,
    [siteId, credentialHmac(pepper, password), Array.from({ length: count }, () => uuidv7()), Array.from({ length: count }, (_, n) => `B${n}`), securityProfile]);
  await admin.query(`SELECT ensure_meter_partitions('2026-11-01', '2026-11-04')`);
  await admin.query(`SELECT ensure_meter_partitions(current_date - 1, current_date + 2)`);
  await admin.query('ANALYZE');
}

const listening = z.object({ port: z.number(), adminPort: z.number() });

async function startGateway(env: Record<string, string>, flags: string[]): Promise<BenchGateway> {
  const child = spawn(process.execPath, [...flags, join(rootDir, 'services/ocpp-gateway/src/main.ts')], {
    cwd: rootDir, stdio: ['ignore', 'pipe', 'pipe'],
    env: {
      PATH: process.env['PATH'] ?? '', CSMS_MODE: 'lab', LOG_LEVEL: 'info', ADMIN_PORT: '0', CSMS_CREDENTIAL_PEPPER: pepper, CSMS_DRAIN_SECONDS: '20', CSMS_UPGRADES_PER_SECOND: '20000', CSMS_CONNECTIONS_MAX: '20000',
      // A charger here says in a second what a real one says in an hour.
      CSMS_STATION_MESSAGES_PER_SECOND: '1000000', CSMS_STATION_CONNECTIONS_PER_HOUR: '1000000', ...env,
    },
  });
  const heard: string[] = [];
  const keep = (line: string): void => { heard.push(line); if (heard.length > 50) heard.shift(); };
  const exited = new Promise<number | null>((done) => child.once('exit', (code) => done(code)));
  createInterface({ input: child.stderr }).on('line', keep);
  const ports = await new Promise<z.infer<typeof listening>>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      keep(line);
      if (line.includes('"event":"listening"')) done(listening.parse(JSON.parse(line)));
    });
    void exited.then((code) => fail(new Error(`the gateway ended with ${code}:\n${heard.join('\n')}`)));
  });
  return { name: env['POD_NAME'] ?? '', pid: child.pid ?? 0, adminPort: ports.adminPort, process: child, exited };
}

/** Redis on a port of its own, forgetting everything; null where none is installed, and the bus is PostgreSQL then. */
async function startRedis(): Promise<{ url: string; pid: number; stop: () => Promise<void> } | null> {
  const binary = ['redis-server', 'valkey-server'].find((name) => spawnSync(name, ['--version'], { stdio: 'ignore' }).status === 0);
  if (binary === undefined) return null;
  const port = await freePort();
  const child = spawn(binary, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no'], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  await new Promise<void>((done, fail) => {
    createInterface({ input: child.stdout }).on('line', (line) => { if (line.includes('Ready to accept connections')) done(); });
    void exited.then(() => fail(new Error(`${binary} did not start`)));
  });
  return { url: `redis://127.0.0.1:${port}`, pid: child.pid ?? 0, stop: async () => { child.kill('SIGTERM'); await exited; } };
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

/** A process and its children. */
export function family(parent: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).map(Number).filter((pid) => {
    try { return Number(readFileSync(`/proc/${pid}/stat`, 'utf8').replace(/^.*\) /, '').split(' ')[1]) === parent; } catch { return false; }
  });
  return [parent, ...children];
}
