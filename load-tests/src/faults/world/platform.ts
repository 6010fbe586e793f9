import { credentialHmac, newCredential, uuidv7 } from '@csms/kit';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { openAsker, type Asker } from './asker.ts';
import { family } from './child.ts';
import { startGateway, type Gateway, type GatewayPlace } from './gateway.ts';
import { startRedis, type RedisServer } from './redis.ts';

export const pepper = 'a pepper of the fault suite';

/** A registered station of a run. */
export interface RegisteredStation { id: string; identity: string; password: string; idTag: string }

/** Prices in whole rupiah, from a moment (included) to another (excluded; null: none). */
export interface RunTariff { perKwh: number; fee: number; fromMs: number; untilMs: number | null }

/** Two tariffs that follow each other ten days ago, so that what comes late shows by its price whose time it was priced by. */
export function tariffsAt(nowMs: number): RunTariff[] {
  const daysAgo = (days: number): number => nowMs - days * 86_400_000;
  return [{ perKwh: 2_100, fee: 500, fromMs: daysAgo(90), untilMs: daysAgo(10) }, { perKwh: 2_466, fee: 1_000, fromMs: daysAgo(10), untilMs: null }];
}

/** A database of its own, a bus, and the processes that a run starts over them. */
export interface Platform {
  database: TestDatabase;
  redis: RedisServer | null;
  stations: RegisteredStation[];
  tariffs: RunTariff[];
  gateways: Gateway[];
  asker: Asker;
  /** Asks the database as a superuser: an audit, past every rule of the product. */
  sql<Row extends pg.QueryResultRow>(text: string, values?: unknown[]): Promise<Row[]>;
  addGateway(env?: Record<string, string>, place?: GatewayPlace): Promise<Gateway>;
  /** Runs statements in a transaction that stays open until the returned function is called. */
  hold(text: string): Promise<() => Promise<void>>;
  /** Stops the database's processes where they stand, or lets them go on. */
  freezeDatabase(on: boolean): void;
  close(): Promise<void>;
}

export interface PlatformOptions {
  stations: number;
  gateways: number;
  bus: 'postgres' | 'redis';
  env?: Record<string, string>;
  /** Where Redis listens; its own machine alone unless said. */
  redisBind?: string;
  /** The gateways' way to the database, when it is not the straight one. */
  databaseUrlFor?: (url: string) => Promise<string>;
}

export async function openPlatform(options: PlatformOptions): Promise<Platform> {
  const database = await startTestDatabase({ fsync: true });
  // A run that is cut off takes its server with it, also one that stands still.
  const abandoned = (): void => {
    if (database.pid === null) return;
    for (const signal of ['SIGQUIT', 'SIGCONT']) try { process.kill(database.pid, signal); } catch { /* it is gone */ }
  };
  process.once('exit', abandoned);
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 3 });
  admin.on('error', () => undefined).on('connect', (client) => client.on('error', () => undefined));
  const opened: (() => Promise<void>)[] = [() => admin.end(), async () => { process.off('exit', abandoned); await database.close(); }];
  const gateways: Gateway[] = [];
  const close = async (): Promise<void> => {
    await Promise.all(gateways.map((gateway) => gateway.kill()));
    for (const end of opened) await end();
  };
  try {
    const tariffs = tariffsAt(Date.now());
    const stations = await register(admin, options.stations, tariffs);
    const redis = options.bus === 'redis' ? await startRedis(options.redisBind ? { bind: options.redisBind } : {}) : null;
    if (redis) opened.push(() => redis.close());
    const redisUrl = redis ? `redis://127.0.0.1:${redis.port}` : undefined;
    const throughUrl = options.databaseUrlFor ?? ((url: string) => Promise.resolve(url));
    const env = {
      DATABASE_URL: await throughUrl(database.appUrl), BUS_DATABASE_URL: database.busUrl, CSMS_CREDENTIAL_PEPPER: pepper,
      ...(redisUrl ? { REDIS_URL: redisUrl } : {}), ...options.env,
    };
    const addGateway = async (more: Record<string, string> = {}, place?: GatewayPlace): Promise<Gateway> => {
      const gateway = await startGateway({ ...env, ...more }, place);
      gateways.push(gateway);
      return gateway;
    };
    await Promise.all(Array.from({ length: options.gateways }, () => addGateway()));
    const asker = await openAsker({ databaseUrl: database.appUrl, busUrl: database.busUrl, redisUrl, pepper });
    opened.unshift(() => asker.close());
    let frozen: number[] = [];
    opened.unshift(async () => { for (const pid of frozen) process.kill(pid, 'SIGCONT'); });
    return {
      database, redis, stations, tariffs, gateways, asker, addGateway, close,
      sql: async (text, values = []) => (await admin.query(text, values)).rows as never,
      hold: async (text) => {
        const client = new pg.Client({ connectionString: database.adminUrl });
        client.on('error', () => undefined);
        await client.connect();
        await client.query('BEGIN');
        await client.query(text);
        let held = true;
        const release = async (): Promise<void> => {
          if (!held) return;
          held = false;
          await client.query('ROLLBACK').catch(() => undefined);
          await client.end().catch(() => undefined);
        };
        opened.unshift(release);
        return release;
      },
      freezeDatabase: (on) => {
        if (database.pid === null) throw new Error('this run needs a PostgreSQL of its own: unset CSMS_TEST_DATABASE_URL');
        if (on) frozen = family(database.pid);
        for (const pid of frozen) { try { process.kill(pid, on ? 'SIGSTOP' : 'SIGCONT'); } catch { /* one of its own that has ended */ } }
        if (!on) frozen = [];
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

/** The endpoint of one of the gateways that live, chosen by chance: what a balancer does. */
export function anyGateway(platform: Pick<Platform, 'gateways'>) {
  return (random: { pick<T>(list: readonly T[]): T }): string | null => {
    const living = platform.gateways.filter((gateway) => gateway.alive());
    return living.length === 0 ? null : livingUrl(random.pick(living));
  };
}

const livingUrl = ({ host, port }: Gateway): string => `ws://${host}:${port}`;

async function register(admin: pg.Pool, count: number, tariffs: RunTariff[]): Promise<RegisteredStation[]> {
  const siteId = uuidv7();
  await admin.query(`INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo')`);
  await admin.query(`INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone) VALUES ('demo', $1, 'faults', 'site', 'Site', 'Asia/Jakarta')`, [siteId]);
  return registerAt(admin, { siteId, pepper, count, tariffs });
}

/** Stations, cards and prices at a site of tenant demo that is there, for gateways with that pepper. */
export async function registerAt(admin: pg.Pool, { siteId, pepper, count, tariffs }: { siteId: string; pepper: string; count: number; tariffs: RunTariff[] }): Promise<RegisteredStation[]> {
  const stations = Array.from({ length: count }, (_, n) => ({ id: uuidv7(), identity: `F-${n}`, password: newCredential(), idTag: `CARD-${n}` }));
  await admin.query(
    `INSERT INTO station (tenant_id, id, site_id, identity, credential_hmac) SELECT 'demo', s.id, $1, s.identity, s.hmac FROM unnest($2::uuid[], $3::text[], $4::bytea[]) AS s(id, identity, hmac)`,
    [siteId, stations.map(({ id }) => id), stations.map(({ identity }) => identity), stations.map(({ password }) => Buffer.from(credentialHmac(pepper, password)))]);
  await admin.query(`INSERT INTO token (tenant_id, id, uid) SELECT 'demo', t.id, t.uid FROM unnest($1::uuid[], $2::text[]) AS t(id, uid)`, [stations.map(() => uuidv7()), stations.map(({ idTag }) => idTag)]);
  for (const { perKwh, fee, fromMs, untilMs } of tariffs) {
    await admin.query(
      `INSERT INTO tariff (tenant_id, id, name, energy_per_kwh_minor, session_fee_minor, valid_from, valid_until) VALUES ('demo', $1, 'faults', $2, $3, $4, $5)`,
      [uuidv7(), perKwh, fee, new Date(fromMs), untilMs === null ? null : new Date(untilMs)]);
  }
  return stations;
}
