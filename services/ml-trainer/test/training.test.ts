import { spawn, type ChildProcess } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { siteCalendar, spreadOverHours } from '@csms/forecast';
import { uuidv7 } from '@csms/kit';
import { importHistory, readHistory, shiftedSessions } from '@csms/local/history';
import {
  currentForecast, forecastAgainstActual, issueForecast, models, openJobPool, trainingRuns, trainingStatus,
  type JobPool,
} from '@csms/store/forecast/index';
import { inTenant } from '@csms/store/in-tenant';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';

const HOUR_MS = 3_600_000;
const tenant = 'demo';
const trainer = fileURLToPath(new URL('../src/main.ts', import.meta.url));

let database: TestDatabase;
let pool: JobPool;
let admin: pg.Client;

beforeAll(async () => {
  database = await startTestDatabase();
  pool = openJobPool(database.appUrl, () => {});
  admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  await admin.query(`INSERT INTO tenant (id, display_name) VALUES ('demo', 'Demo'), ('kota', 'Kota')`);
});

afterAll(async () => {
  await pool.end();
  await admin.end();
  await database.close();
});

async function aSite(name: string, spec: unknown = {}): Promise<string> {
  const id = uuidv7();
  await admin.query(
    `INSERT INTO site (tenant_id, id, namespace, name, display_name, time_zone, spec) VALUES ($1, $2, 'demo', $3, $3, 'America/Denver', $4)`,
    [tenant, id, name, JSON.stringify(spec)]);
  return id;
}

async function aStation(siteId: string, identity: string): Promise<string> {
  const id = uuidv7();
  await admin.query('INSERT INTO station (tenant_id, id, site_id, identity) VALUES ($1, $2, $3, $4)', [tenant, id, siteId, identity]);
  return id;
}

/** 7 kWh in two hours at the same time of each day, from `days` days ago until today. */
async function aCarADay(stationId: string, days: number): Promise<void> {
  await admin.query(
    `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, started_at, start_received_at, ended_at, end_received_at,
       state, energy_wh, charging_ended_at)
     SELECT 'demo', gen_random_uuid(), $1, 1, 1, 'day-' || d, 'ocpp1.6', at, at, at + interval '2 hours', at + interval '2 hours', 'ended', 7000, at + interval '2 hours'
     FROM generate_series(0, $2::int) AS d, LATERAL (SELECT now() - make_interval(days => d, hours => 3)) AS t(at)`, [stationId, days]);
}

interface Ran {
  code: number | null;
  signal: NodeJS.Signals | null;
  lines: Record<string, unknown>[];
  output: string;
}

function startTrainer(site: string, kind = 'daily'): { child: ChildProcess; ended: Promise<Ran> } {
  const child = spawn(process.execPath, [trainer], {
    env: { PATH: process.env['PATH'], DATABASE_URL: database.appUrl, CSMS_TENANT: tenant, CSMS_SITE_NAMESPACE: 'demo', CSMS_SITE: site, CSMS_TRAINING_KIND: kind },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  child.stderr.on('data', (chunk: Buffer) => { output += chunk.toString(); });
  const ended = new Promise<Ran>((resolve) => {
    child.once('close', (code, signal) => resolve({
      code, signal, output,
      lines: output.split('\n').filter((line) => line.startsWith('{')).map((line): Record<string, unknown> => JSON.parse(line)),
    }));
  });
  return { child, ended };
}

const train = (site: string, kind?: string): Promise<Ran> => startTrainer(site, kind).ended;

async function until(fact: () => Promise<boolean>): Promise<void> {
  while (!(await fact())) await new Promise((resolve) => setTimeout(resolve, 20));
}

async function countOf(table: 'forecast' | 'model_version' | 'training_run', siteId: string): Promise<number> {
  return (await admin.query(`SELECT 1 FROM ${table} WHERE site_id = $1`, [siteId])).rowCount ?? 0;
}

describe('a site with a year of real history', () => {
  let siteId: string;
  const now = new Date();

  beforeAll(async () => {
    siteId = await aSite('boulder', { training: { schedule: '0 2 * * *', horizonHours: 36 } });
    await importHistory({ databaseUrl: database.appUrl, tenant, siteId, timeZone: 'America/Denver', now, newId: () => uuidv7() });
  });

  it('is trained by the real process: the profile is challenged, each decision has its reason, the next hours are issued', async () => {
    const ran = await train('boulder');
    expect(ran.output).toContain('"outcome":"promoted"');
    expect(ran.code).toBe(0);
    const ended = new Date();

    const known = await inTenant(pool, tenant, (db) => models(db, siteId, ended));
    const champions = known.filter((model) => model.state === 'champion');
    expect(champions).toHaveLength(1);
    expect(known.map((model) => model.kind).sort()).toEqual(['blend', 'profile', 'ridge']);
    expect(champions[0]!.sampleDays).toBeGreaterThan(390);
    for (const model of known) {
      expect(model.metrics['judgedDays']).toBe(28);
      expect(model.metrics['hours']).toBeGreaterThanOrEqual(28 * 24 - 1);
      // Real skill on real data: a quarter better than the same hour last week, no more than a third (that would be a leak).
      expect(model.metrics['skillVsNaive168']).toBeGreaterThan(0.15);
      expect(model.metrics['skillVsNaive168']).toBeLessThan(0.4);
    }
    for (const refused of known.filter((model) => model.decision === 'refused')) expect(refused.reason).toMatch(/was refused: |was beaten by |was better still/);

    const forecast = await inTenant(pool, tenant, (db) => currentForecast(db, siteId, ended));
    expect(forecast).toMatchObject({ status: 'ok', reason: null, timeZone: 'America/Denver', model: { id: champions[0]!.id, kind: champions[0]!.kind } });
    expect(forecast!.points).toHaveLength(36);
    const issuedAt = Date.parse(forecast!.issuedAt!);
    forecast!.points.forEach((point, i) => {
      expect(Date.parse(point.at)).toBe((Math.ceil(issuedAt / HOUR_MS) + i) * HOUR_MS);
      expect(point.actualWh === null || Date.parse(point.at) + HOUR_MS <= ended.getTime()).toBe(true);
      expect(point.p10Wh).toBeLessThanOrEqual(point.p50Wh);
      expect(point.p50Wh).toBeLessThanOrEqual(point.p90Wh);
    });
    expect(forecast!.points.reduce((sum, point) => sum + point.meanWh, 0)).toBeGreaterThan(20_000);
    expect(forecast!.recent).toEqual([]);
    expect(forecast!.backtest.length).toBeGreaterThanOrEqual(7 * 24 - 1);
    const runs = await inTenant(pool, tenant, (db) => trainingRuns(db, siteId));
    expect(runs).toHaveLength(1);
    expect(runs[0]).toMatchObject({ kind: 'daily', outcome: 'promoted', daysOfData: champions[0]!.sampleDays });
    expect(runs[0]!.reason).toMatch(/ridge|profile/);
    const outbox = await admin.query(`SELECT changes FROM outbox WHERE tenant_id = 'demo'`);
    expect(outbox.rows).toEqual([{ changes: [{ kind: 'forecast', siteId, at: forecast!.issuedAt }] }]);
  });

  it('is not trained twice on one day, and a deep run judges every contender again', async () => {
    const before = await countOf('forecast', siteId);
    const again = await train('boulder');
    expect(again.code).toBe(0);
    expect(again.lines.at(-1)).toMatchObject({ outcome: 'done-already' });
    expect(await countOf('forecast', siteId)).toBe(before);

    // Hours later the champion as it is kept says what comes next, so that no hour before tomorrow's run is without a forecast.
    await admin.query(`UPDATE forecast SET origin_at = origin_at - interval '5 hours', issued_at = issued_at - interval '5 hours' WHERE site_id = $1`, [siteId]);
    const later = await train('boulder');
    expect(later.lines.at(-1)).toMatchObject({ outcome: 'done-already' });
    const issued = await inTenant(pool, tenant, (db) => currentForecast(db, siteId, new Date()));
    const champion = (await inTenant(pool, tenant, (db) => models(db, siteId, new Date()))).find((model) => model.state === 'champion')!;
    expect(issued!.model!.id).toBe(champion.id);
    expect(issued!.points).toHaveLength(36);
    expect(Date.now() - Date.parse(issued!.issuedAt!)).toBeLessThan(HOUR_MS);
    expect(await countOf('model_version', siteId)).toBe(3);
    expect(await countOf('training_run', siteId)).toBe(1);

    const deep = await train('boulder', 'deep');
    expect(deep.code).toBe(0);
    const known = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));
    expect(known.filter((model) => model.state === 'champion')).toHaveLength(1);
    expect(known.filter((model) => model.state === 'challenger')).toHaveLength(2);
    expect(known.filter((model) => model.state === 'retired')).toHaveLength(3);
    expect(await countOf('forecast', siteId)).toBe(before + 2);
  });

  it('scores a forecast whose hours have passed, against the energy of the sessions themselves, once', async () => {
    const champion = (await inTenant(pool, tenant, (db) => models(db, siteId, now))).find((model) => model.state === 'champion')!;
    const origin = Math.floor(now.getTime() / HOUR_MS) - 72;
    const points = Array.from({ length: 48 }, (_, i) => ({ at: new Date((origin + i) * HOUR_MS), meanWh: 1000, p10Wh: 0, p50Wh: 900, p90Wh: 5000, usualWh: null }));
    await inTenant(pool, tenant, (db) => issueForecast(db, {
      id: uuidv7(), siteId, task: 'load', modelVersionId: champion.id, issuedAt: new Date(origin * HOUR_MS), originAt: new Date(origin * HOUR_MS), points,
    }));
    const first = await train('boulder');
    expect(first.lines.at(-1)).toMatchObject({ outcome: 'done-already', scoredPoints: 48 });
    const second = await train('boulder');
    expect(second.lines.at(-1)).toMatchObject({ scoredPoints: 0 });

    // What came, from the file and the rule alone: neither SQL nor the trainer has a hand in it.
    const weeks = (await admin.query<{ value: { weeks: number } }>(`SELECT value FROM setting WHERE name = $1`, [`history/${siteId}`])).rows[0]!.value.weeks;
    const past = shiftedSessions(await readHistory(), { weeks, timeZone: 'America/Denver' }).filter((session) => session.endAt <= now);
    const came = spreadOverHours(past.map((session) => ({ fromMs: session.startAt.getTime(), toMs: session.chargeEndAt.getTime(), energyWh: session.energyWh })), { firstHour: origin, untilHour: origin + 48 });
    const scored = await admin.query<{ actual_wh: number }>(
      `SELECT p.actual_wh FROM forecast f JOIN forecast_point p ON p.forecast_id = f.id WHERE f.site_id = $1 AND f.origin_at = $2 ORDER BY p.hour_at`, [siteId, new Date(origin * HOUR_MS)]);
    expect(scored.rows).toHaveLength(48);
    scored.rows.forEach((row, i) => expect(row.actual_wh).toBeCloseTo(came.energyWh[i]!, 3));
    expect(came.energyWh.reduce((sum, value) => sum + value, 0)).toBeGreaterThan(50_000);

    const read = await inTenant(pool, tenant, (db) => forecastAgainstActual(db, { siteId, from: new Date((origin - 1) * HOUR_MS), until: now, now }));
    expect(read).toHaveLength(48);
    read.forEach((point, i) => expect(point.actualWh).toBeCloseTo(came.energyWh[i]!, 3));
    const forecast = await inTenant(pool, tenant, (db) => currentForecast(db, siteId, now));
    expect(forecast!.last7Days.hours).toBe(48);
    expect(forecast!.last7Days.rmseWh).toBeGreaterThan(0);
  });

  it('counts a session that arrives late: the hours it charged in are scored again', async () => {
    const { rows: [late] } = await admin.query<{ hour_at: Date; actual_wh: number }>(
      `SELECT p.hour_at, p.actual_wh FROM forecast f JOIN forecast_point p ON p.forecast_id = f.id WHERE f.site_id = $1 AND p.actual_wh IS NOT NULL ORDER BY p.hour_at LIMIT 1`, [siteId]);
    const stationId = await aStation(siteId, 'LATE-1');
    await admin.query(
      `INSERT INTO session (tenant_id, id, station_id, evse_id, connector_id, transaction_ref, ocpp_version, started_at, start_received_at, ended_at, end_received_at, state, energy_wh, charging_ended_at)
       VALUES ('demo', gen_random_uuid(), $1, 1, 1, 'late', 'ocpp1.6', $2, now(), $2::timestamptz + interval '30 minutes', now(), 'ended', 4000, $2::timestamptz + interval '30 minutes')`, [stationId, late!.hour_at]);
    expect((await train('boulder')).lines.at(-1)).toMatchObject({ scoredPoints: 1 });
    const { rows } = await admin.query<{ actual_wh: number }>('SELECT p.actual_wh FROM forecast f JOIN forecast_point p ON p.forecast_id = f.id WHERE f.site_id = $1 AND p.hour_at = $2', [siteId, late!.hour_at]);
    expect(rows[0]!.actual_wh).toBeCloseTo(late!.actual_wh + 4000, 3);
  });

  it('shows none of it to another tenant', async () => {
    expect(await inTenant(pool, 'kota', (db) => currentForecast(db, siteId, now))).toBeNull();
    expect(await inTenant(pool, 'kota', (db) => models(db, siteId, now))).toEqual([]);
    expect(await inTenant(pool, 'kota', (db) => trainingRuns(db, siteId))).toEqual([]);
  });
});

describe('a site with little history', () => {
  it('is learning, n days: no forecast is invented', async () => {
    const siteId = await aSite('young');
    const empty = await train('young');
    expect(empty.code).toBe(0);
    expect(empty.lines.at(-1)).toMatchObject({ outcome: 'learning', reason: 'learning, 0 days: a forecast needs 14 whole days of history' });

    await aCarADay(await aStation(siteId, 'YOUNG-1'), 5);
    const ran = await train('young');
    expect(ran.code).toBe(0);
    const forecast = await inTenant(pool, tenant, (db) => currentForecast(db, siteId, new Date()));
    expect(forecast).toMatchObject({ status: 'learning', model: null, issuedAt: null, points: [], recent: [], backtest: [] });
    expect(forecast!.daysOfData).toBeGreaterThanOrEqual(4);
    expect(forecast!.daysOfData).toBeLessThanOrEqual(5);
    expect(forecast!.reason).toBe(`learning, ${forecast!.daysOfData} days: a forecast needs 14 whole days of history`);
    expect(await countOf('forecast', siteId)).toBe(0);
    expect(await countOf('model_version', siteId)).toBe(0);
  });

  it('has the profile from 14 days on, and is told why the others were not judged', async () => {
    const siteId = await aSite('grown');
    await aCarADay(await aStation(siteId, 'GROWN-1'), 40);
    expect((await train('grown')).code).toBe(0);
    const known = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));
    expect(known.map((model) => [model.kind, model.state])).toEqual([['profile', 'champion']]);
    const [run] = await inTenant(pool, tenant, (db) => trainingRuns(db, siteId));
    expect(run!.reason).toMatch(/ridge was not judged: it needs 140 days of history and there are (39|40)/);
  });
});

describe('a champion that drifts', () => {
  it('gives way to a yardstick at once when it loses a week of issued forecasts, and the reason says by how much', async () => {
    const siteId = await aSite('drifting');
    await aCarADay(await aStation(siteId, 'DRIFT-1'), 60);
    expect((await train('drifting')).lines.at(-1)).toMatchObject({ outcome: 'promoted', modelKind: 'profile' });
    const [champion] = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));

    // Seven days as the profile issued them, each at its midnight, and each far too high.
    const calendar = siteCalendar('America/Denver');
    const today = calendar.local(Math.floor(Date.now() / HOUR_MS)).day;
    for (let day = today - 7; day < today; day += 1) {
      const first = calendar.dayStart(day);
      const originAt = new Date(first * HOUR_MS);
      const points = Array.from({ length: calendar.dayStart(day + 1) - first }, (_, i) => ({ at: new Date((first + i) * HOUR_MS), meanWh: 9000, p10Wh: 8000, p50Wh: 9000, p90Wh: 10_000, usualWh: null }));
      await inTenant(pool, tenant, (db) => issueForecast(db, { id: uuidv7(), siteId, task: 'load', modelVersionId: champion!.id, issuedAt: originAt, originAt, points }));
    }
    const degraded = await train('drifting');
    expect(degraded.lines.at(-1)).toMatchObject({ outcome: 'done-already' });
    expect(await inTenant(pool, tenant, (db) => trainingStatus(db, siteId, new Date()))).toMatchObject({ status: 'degraded', reason: "only 0 % of the last week's hours fell within the 80 % interval" });

    expect((await train('drifting', 'deep')).lines.at(-1)).toMatchObject({ outcome: 'promoted', modelKind: 'naive24' });
    const known = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));
    expect(known[0]).toMatchObject({ kind: 'naive24', state: 'champion', decision: 'fallback' });
    expect(known[0]!.reason).toMatch(/^profile lost its ground: over the last 7 issued days its RMSE was \d+\.\d+ kWh, naive24's 0\.000 kWh/);
    expect(known[1]).toMatchObject({ id: champion!.id, state: 'retired' });
    const forecast = await inTenant(pool, tenant, (db) => currentForecast(db, siteId, new Date()));
    expect(forecast).toMatchObject({ status: 'ok', model: { kind: 'naive24' } });
    expect(forecast!.points.reduce((sum, point) => sum + point.meanWh, 0)).toBeCloseTo(7000, 0);
  });
});

describe('a run that fails', () => {
  it('says why, exits 1, and leaves champion and ledger as they were', async () => {
    const siteId = await aSite('broken');
    await aCarADay(await aStation(siteId, 'BROKEN-1'), 40);
    expect((await train('broken')).code).toBe(0);
    const [champion] = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));
    const forecasts = await countOf('forecast', siteId);

    await admin.query(`UPDATE site SET spec = '{"training": {"horizonHours": "soon"}}' WHERE id = $1`, [siteId]);
    const ran = await train('broken', 'deep');
    expect(ran.code).toBe(1);
    const reason = `the site's spec cannot be used: training.horizonHours: Invalid input: expected number, received string`;
    expect(ran.lines.at(-1)).toMatchObject({ outcome: 'failed', reason });
    const [run] = await inTenant(pool, tenant, (db) => trainingRuns(db, siteId));
    expect(run).toMatchObject({ kind: 'deep', outcome: 'failed', reason });
    expect(await inTenant(pool, tenant, (db) => models(db, siteId, new Date()))).toMatchObject([{ id: champion!.id, state: 'champion' }]);
    expect(await countOf('forecast', siteId)).toBe(forecasts);
    expect(await inTenant(pool, tenant, (db) => trainingStatus(db, siteId, new Date()))).toMatchObject({ status: 'failed', reason, model: { id: champion!.id } });

    // The same day can be tried again once it is put right.
    await admin.query(`UPDATE site SET spec = '{}' WHERE id = $1`, [siteId]);
    expect((await train('broken', 'deep')).code).toBe(0);
    expect(await inTenant(pool, tenant, (db) => trainingStatus(db, siteId, new Date()))).toMatchObject({ status: 'ok' });
  });

  it('is said of a time zone that does not exist, and of a site that does not', async () => {
    const siteId = await aSite('nowhere');
    await admin.query(`UPDATE site SET time_zone = 'Mars/Olympus' WHERE id = $1`, [siteId]);
    expect((await train('nowhere')).code).toBe(1);
    expect(await inTenant(pool, tenant, (db) => trainingRuns(db, siteId))).toMatchObject([{ outcome: 'failed', reason: '"Mars/Olympus" is not an IANA time zone' }]);
    const ran = await train('atlantis');
    expect(ran.code).toBe(1);
    expect(ran.output.trim()).toBe('ml-trainer: tenant demo has no site demo/atlantis');
  });

  it('or is killed leaves the champion serving, and the next run says so', async () => {
    const siteId = await aSite('killed');
    await aCarADay(await aStation(siteId, 'KILLED-1'), 40);
    expect((await train('killed')).code).toBe(0);
    const [champion] = await inTenant(pool, tenant, (db) => models(db, siteId, new Date()));

    // The run is held at the door of the ledger, in the middle of its publication, and killed there.
    await admin.query('BEGIN');
    await admin.query('LOCK TABLE forecast IN EXCLUSIVE MODE');
    const { child, ended } = startTrainer('killed', 'deep');
    await until(async () => ((await admin.query(`SELECT 1 FROM pg_locks WHERE relation = 'forecast'::regclass AND NOT granted`)).rowCount ?? 0) > 0);
    child.kill('SIGKILL');
    expect((await ended).signal).toBe('SIGKILL');
    await admin.query('ROLLBACK');

    expect(await inTenant(pool, tenant, (db) => models(db, siteId, new Date()))).toMatchObject([{ id: champion!.id, state: 'champion' }]);
    let next = await train('killed', 'deep');
    while (next.lines.at(-1)?.['outcome'] === 'busy') next = await train('killed', 'deep');
    expect(next.lines.at(-1)).toMatchObject({ outcome: 'kept' });
    const runs = await inTenant(pool, tenant, (db) => trainingRuns(db, siteId));
    expect(runs.map((run) => run.outcome)).toEqual(['kept', 'failed', 'promoted']);
    expect(runs[1]!.reason).toBe('the run was killed before it ended; the champion served on');
  });
});
