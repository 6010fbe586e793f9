import { BillReadPage, BillRead, SessionPage, Session } from '@csms/contracts/http/sessions';
import { Overview } from '@csms/contracts/http/sites';
import { SiteForecast } from '@csms/contracts/http/forecasts';
import { createLogger, uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { prototypeRoutes } from '@csms/contracts/http/legacy';
import { routes } from '@csms/contracts/http/routes';
import { aForecast, aSession, fillTenant } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* Rows of the books that fit no schema, written as SQL: each list still answers with all the rest, shows of them what can be shown, and the log has them. */
let api: TestApi;
const logged: string[] = [];
const ids: Record<string, string> = {};
beforeAll(async () => {
  const log = createLogger('api-test', 'warn');
  log.warn = (fields: unknown) => { logged.push(JSON.stringify(fields)); };
  api = await startTestApi({ log });
  Object.assign(ids, await fillTenant(api, 'demo'));
  const startedAt = new Date(Date.now() - 3_600_000 * 3);
  await api.inTenant('demo', async (client) => {
    const station = ids['station']!;
    ids['poison'] = await aSession(client, { station, startedAt, billMinor: 1, energyWh: 1_000, transactionRef: 'poison' });
    await client.query(`UPDATE bill SET total_minor = 9223372036854775807, lines = '[{"kind":"energy","quantity":1,"unit":"kWh","unitPriceMinor":1e300,"amountMinor":1e300}]' WHERE session_id = $1`, [ids['poison']]);
    ids['noLines'] = await aSession(client, { station, startedAt: new Date(startedAt.getTime() + 1), billMinor: 7, transactionRef: 'no-lines' });
    await client.query(`UPDATE bill SET lines = 'null' WHERE session_id = $1`, [ids['noLines']]);
    for (const [ref, energy] of [['endless', 'Infinity'], ['nothing', 'NaN'], ['huge', '1.7e308'], ['huge-too', '1.7e308']] as const) {
      const id = await aSession(client, { station, startedAt: new Date(startedAt.getTime() + 2), billMinor: 5, transactionRef: ref });
      await client.query(`UPDATE session SET energy_wh = $2::float8, meter_start_wh = $2::float8, meter_stop_wh = $2::float8, last_soc_pct = $2::float8 WHERE id = $1`, [id, energy]);
      await client.query(`UPDATE bill SET energy_wh = $2::float8 WHERE session_id = $1`, [id, energy === 'Infinity' ? energy : 'NaN']);
      const running = await aSession(client, { station, startedAt: new Date(startedAt.getTime() + 3), state: 'active', transactionRef: `${ref}-running`, connectorId: 1 });
      await client.query(`UPDATE session SET last_register_wh = $2::float8, meter_start_wh = -1.7e308, last_power_w = $2::float8, last_reading_at = 'infinity' WHERE id = $1`, [running, energy]);
    }
    await client.query(`UPDATE station SET online = true, booted_at = 'infinity', last_seen_at = '-infinity' WHERE id = $1`, [station]);
    await client.query(`INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, register_wh, power_w, other) VALUES ('demo', $1, 1, 1, 'poison', now(), 'infinity', 'NaN', 'Infinity', '"words"')`, [station]);
    await client.query(`INSERT INTO command (tenant_id, id, station_id, action, payload, idempotency_key, request_hash, state, created_by, created_at, deadline_at) VALUES ('demo', $1, $2, 'reset', 'null', 'poison', 'x', 'accepted', 'x', now(), 'infinity')`, [uuidv7(), station]);
    await client.query(`INSERT INTO tariff (tenant_id, id, name, energy_per_kwh_minor, valid_from, valid_until) VALUES ('demo', $1, '', 1, '-infinity', 'infinity')`, [uuidv7()]);
    await client.query(`INSERT INTO token (tenant_id, id, uid, valid_until) VALUES ('demo', $1, 'P', 'infinity')`, [uuidv7()]);
    await client.query(`INSERT INTO knocking_station (tenant_id, identity, first_seen_at, last_seen_at, attempts, reason) VALUES ('demo', 'POISON', '-infinity', now(), 9223372036854775807, 'x')`);
    await client.query(`INSERT INTO audit (tenant_id, id, at, actor, action, target) VALUES ('demo', $1, 'infinity', 'x', 'x', 'x')`, [uuidv7()]);
    await client.query(`INSERT INTO security_event (tenant_id, id, kind, at, received_at) VALUES ('demo', $1, 'x', 'infinity', now())`, [uuidv7()]);
    await client.query(`UPDATE site SET latitude = 'NaN', grid_max_power_w = 'Infinity'`);
  });
});
afterAll(async () => { await api.close(); });

const get = async (path: string) => api.call('GET', path, await api.tokenFor('demo', 'admin'));

it('a bill that cannot be read leaves its session to be read, without it and with a flag', async () => {
  const page = SessionPage.parse((await get('/sessions?limit=500')).body);
  const of = (id: string) => page.items.find((session) => session.id === id)!;
  expect(of(ids['poison']!)).toMatchObject({ transactionRef: 'poison', energyWh: 1_000, bill: null, flags: ['unreadable-bill'] });
  expect(of(ids['noLines']!)).toMatchObject({ bill: null, flags: ['unreadable-bill'] });
  expect(of(ids['session']!).bill).toMatchObject({ totalMinor: 24_660 });
  expect(page.items.find((session) => session.transactionRef === 'endless')).toMatchObject({ energyWh: null, meterStopWh: null, socPct: null });
  expect(page.items).toHaveLength(11);
  expect(Session.parse((await get(`/sessions/${ids['poison']}`)).body)).toMatchObject({ bill: null });
  expect((await get(`/sessions/${ids['poison']}/explanation`)).status).toBe(200);
  expect((await get(`/sessions/${ids['poison']}/curve`)).status).toBe(200);
});

it('the bill itself is listed with what can be read of it', async () => {
  const page = BillReadPage.parse((await get('/bills?limit=500')).body);
  const of = (sessionId: string) => page.items.find((bill) => bill.sessionId === sessionId)!;
  expect(of(ids['poison']!)).toMatchObject({ totalMinor: null, energyWh: 1_000, lines: [], flags: ['unreadable-bill'] });
  expect(of(ids['noLines']!)).toMatchObject({ totalMinor: 7, lines: [], flags: ['unreadable-bill'] });
  expect(of(ids['session']!)).toMatchObject({ totalMinor: 24_660, flags: [] });
  expect(BillRead.parse((await get(`/bills/${of(ids['poison']!).id}`)).body)).toEqual(of(ids['poison']!));
});

it('the first screen sums what can be summed', async () => {
  const overview = Overview.parse((await get('/overview')).body);
  const both = overview.today.totalMinor + overview.yesterday.totalMinor;
  // Of the poisoned bill nothing; of the others their totals, which can be read.
  expect(both).toBe(24_660 + 7 + 4 * 5);
  expect(overview.powerNowW).toBe(0);
  expect(overview.activeSessions).toBe(4);
});

it('a site\'s forecast is answered, and what came beside it is the energy that was measured', async () => {
  const originAt = new Date(Math.floor((Date.now() - 5 * 3_600_000) / 3_600_000) * 3_600_000);
  await api.inTenant('demo', (client) => aForecast(client, { site: ids['site']!, originAt }));
  const forecast = SiteForecast.parse((await get(`/forecasts/${ids['site']}`)).body);
  const came = forecast.points.reduce((sum, point) => sum + (point.actualWh ?? 0), 0);
  // The three sessions that can be read, 1 kWh and twice 10 kWh, and of the poisoned ones nothing.
  expect(came).toBeCloseTo(1_000 + 10_000 + 10_000, 3);
  expect((await get('/predict/availability')).body).toEqual({ forecast: Array.from({ length: 24 }, (_, i) => i + 1) });
});

const onePage = (answer: { status: number; body: unknown }) => z.object({ items: z.array(z.unknown()), nextCursor: z.string().nullable() }).safeParse(answer.body).data ?? null;

it('every list route answers with its rows', async () => {
  const lists = [...routes, ...prototypeRoutes].filter((route) => route.method === 'GET' && route.role !== 'platform' && !route.path.includes(':') && !('labOnly' in route) && !/^\/(predict|model|events)/.test(route.path)).map((route) => route.path);
  const withRows: string[] = [];
  for (const path of lists) {
    const url = path === '/meter-values' ? `${path}?stationId=${ids['station']}` : `${path}?`;
    const answer = await get(url);
    expect([200, 501], `${path} ${JSON.stringify(answer.body)}`).toContain(answer.status);
    const rows = z.union([z.object({ items: z.array(z.unknown()).min(1) }).transform((page) => page.items), z.array(z.unknown()).min(1)]).safeParse(answer.body);
    if (!rows.success) continue;
    withRows.push(path);
    // A list goes on behind a poisoned row as behind any other.
    let read = 0;
    for (let next: string | null = ''; next !== null;) {
      const page = onePage(await get(`${url}&limit=1${next && `&cursor=${next}`}`));
      read += page?.items.length ?? 0;
      next = page?.nextCursor ?? null;
    }
    if (read > 0) expect(read, path).toBe(rows.data.length);
  }
  expect(withRows).toEqual(expect.arrayContaining(['/sites', '/stations', '/stations/knocking', '/connectors', '/commands', '/sessions', '/meter-values', '/bills', '/tokens', '/tariffs', '/security-events', '/audit', '/cps', '/users']));
});

it('the log names each such record once', () => {
  const named = (id: string) => logged.filter((line) => line.includes('unreadable_record') && line.includes(id));
  expect(named(ids['poison']!)).toHaveLength(1);
  expect(named(ids['session']!)).toHaveLength(0);
});

it('a record that cannot be shown at all is left out and logged, and the rest of the page is there', async () => {
  await api.admin.query(`ALTER TABLE token DROP CONSTRAINT token_kind_check; UPDATE token SET kind = 'stone' WHERE uid = 'P'`);
  const { items } = z.object({ items: z.array(z.object({ id: z.string() })) }).parse((await get('/tokens')).body);
  expect(items.map((item) => item.id)).toEqual([ids['token']]);
  expect((await get('/tokens')).status).toBe(200);
  expect(logged.filter((line) => line.includes('record_left_out'))).toHaveLength(1);
});
