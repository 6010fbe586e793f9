import { Overview } from '@csms/contracts/http/sites';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aSession } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* The figures of the first screen against sums that are done by hand. Jakarta is UTC+7, so its day begins at 17:00 UTC of the day before. */
let api: TestApi;
let station: string;
let site: string;
const at = (text: string): Date => new Date(`2026-03-${text}Z`);

beforeAll(async () => {
  api = await startTestApi();
  api.clock.now = at('10T05:30:00');
  site = await api.site('demo', 'bandung', { timeZone: 'Asia/Jakarta' });
  station = uuidv7();
  const offline = uuidv7();
  await api.inTenant('demo', async (client) => {
    await client.query(`INSERT INTO station (tenant_id, id, site_id, identity, online, online_since) VALUES ('demo', $1, $2, 'CP_1', true, $3)`, [station, site, at('09T00:00:00')]);
    await client.query(`INSERT INTO station (tenant_id, id, site_id, identity, online, offline_since) VALUES ('demo', $1, $2, 'CP_2', false, $3)`, [offline, site, at('10T01:00:00')]);
    for (const [connector, status, code, of] of [[1, 'Charging', null, station], [2, 'Faulted', 'GroundFailure', station], [3, 'Available', null, station], [4, 'SuspendedEV', null, station], [1, 'Charging', null, offline]] as const) {
      await client.query(`INSERT INTO connector (tenant_id, station_id, evse_id, connector_id, status, error_code, status_at) VALUES ('demo', $1, $2, $2, $3, $4, $5)`, [of, connector, status, code, at('10T02:00:00')]);
    }
    // Ended at 16:59 UTC: still yesterday in Jakarta.
    await aSession(client, { station, startedAt: at('09T15:59:00'), endedAt: at('09T16:59:00'), energyWh: 7_000, billMinor: 17_262 });
    // Across midnight: 18:00 - 16:00 = two hours, 4 kWh, one half of it today. Its bill is today's, because it ended today.
    await aSession(client, { station, startedAt: at('09T16:00:00'), endedAt: at('09T18:00:00'), energyWh: 4_000, billMinor: 9_864, flags: ['no-register'], endReceivedAt: at('09T18:00:05') });
    // Charging was over at 01:00, the car stayed: its energy belongs to the hour in which it flowed.
    await aSession(client, { station, startedAt: at('10T00:00:00'), chargingEndedAt: at('10T01:00:00'), endedAt: at('10T04:00:00'), energyWh: 10_000, billMinor: 24_660 });
    // Runs: 3 kWh so far, by its registers.
    await aSession(client, { station, startedAt: at('10T04:30:00'), state: 'active', meterStartWh: 1_000, lastRegisterWh: 4_000, lastReadingAt: at('10T05:30:00'), powerW: 3_600, transactionRef: 'running' });
    // Of the day before yesterday.
    await aSession(client, { station, startedAt: at('08T10:00:00'), endedAt: at('08T11:00:00'), energyWh: 99_000, billMinor: 1 });
    await client.query(`INSERT INTO knocking_station (tenant_id, identity, first_seen_at, last_seen_at, reason) VALUES ('demo', 'CP_9', $1, $1, 'unknown station')`, [at('10T03:00:00')]);
  });
  await api.site('kota', 'empty');
});
afterAll(async () => { await api.close(); });

it('counts today in the time zone of the site, and splits a session across midnight by its hours', async () => {
  for (const query of ['', `?siteId=${site}`]) {
    const overview = Overview.parse((await api.call('GET', `/overview${query}`, await api.tokenFor('demo', 'operator'))).body);
    expect(overview.timeZone).toBe('Asia/Jakarta');
    expect(overview.today.from).toBe('2026-03-09T17:00:00.000Z');
    expect(overview.today.energyWh).toBe(2_000 + 10_000 + 3_000);
    expect(overview.today).toMatchObject({ totalMinor: 9_864 + 24_660, sessions: 2 });
    expect(overview.yesterday.energyWh).toBeCloseTo(7_000 + 2_000, 6);
    expect(overview.yesterday).toMatchObject({ totalMinor: 17_262, sessions: 1 });
    expect(overview.today.hourlyEnergy).toEqual([
      { at: '2026-03-09T17:00:00.000Z', energyWh: 2_000 }, { at: '2026-03-10T00:00:00.000Z', energyWh: 10_000 },
      { at: '2026-03-10T04:00:00.000Z', energyWh: 1_500 }, { at: '2026-03-10T05:00:00.000Z', energyWh: 1_500 },
    ]);
  }
});

it('counts what is now, and names what needs someone, longest first', async () => {
  const overview = Overview.parse((await api.call('GET', '/overview', await api.tokenFor('demo', 'operator'))).body);
  expect(overview.stations).toEqual({ total: 2, online: 1, offline: 1, faulted: 0 });
  expect(overview.connectors).toEqual({ total: 5, available: 1, charging: 1, faulted: 1, other: 2 });
  expect(overview).toMatchObject({ powerNowW: 3_600, activeSessions: 1, asOf: '2026-03-10T05:30:00.000Z' });
  expect(overview.attention.map(({ kind, identity, code }) => [kind, identity, code])).toEqual([
    ['session-flagged', 'CP_1', 'no-register'], ['station-offline', 'CP_2', null], ['connector-faulted', 'CP_1', 'GroundFailure'], ['station-knocking', 'CP_9', 'unknown station'],
  ]);
  const asViewer = Overview.parse((await api.call('GET', '/overview', await api.tokenFor('demo', 'viewer'))).body);
  expect(asViewer.attention.map(({ kind }) => kind)).not.toContain('station-knocking');
});

it('a zone that is half an hour off has hours of its own; a tenant with nothing has zeros', async () => {
  const kathmandu = await api.site('demo', 'kathmandu', { timeZone: 'Asia/Kathmandu' });
  const there = uuidv7();
  await api.inTenant('demo', async (client) => {
    await client.query(`INSERT INTO station (tenant_id, id, site_id, identity) VALUES ('demo', $1, $2, 'CP_K')`, [there, kathmandu]);
    // Local midnight is 18:15 UTC. 17:45 to 18:45 is half and half.
    await aSession(client, { station: there, startedAt: at('09T17:45:00'), endedAt: at('09T18:45:00'), energyWh: 1_000.000_7 });
  });
  const overview = Overview.parse((await api.call('GET', `/overview?siteId=${kathmandu}`, await api.tokenFor('demo', 'viewer'))).body);
  expect(overview.today.from).toBe('2026-03-09T18:15:00.000Z');
  // 500.000 35 Wh each: a figure of the first screen has three decimals.
  expect(overview.today).toMatchObject({ energyWh: 500, hourlyEnergy: [{ energyWh: 500 }] });
  expect(overview.yesterday.energyWh).toBe(500);
  const nothing = Overview.parse((await api.call('GET', '/overview', await api.tokenFor('kota', 'viewer'))).body);
  expect(nothing.today).toMatchObject({ energyWh: 0, totalMinor: 0, sessions: 0, hourlyEnergy: [] });
});

it('agrees with the load that forecasts are made of and judged by', async () => {
  const overview = Overview.parse((await api.call('GET', `/overview?siteId=${site}`, await api.tokenFor('demo', 'viewer'))).body);
  const { rows } = await api.inTenant('demo', (client) => client.query<{ at: Date; wh: number }>('SELECT hour_at AS at, energy_wh AS wh FROM site_load($1, $2, $3)', [site, overview.today.from, overview.asOf]));
  expect(overview.today.hourlyEnergy).toEqual(rows.map((row) => ({ at: row.at.toISOString(), energyWh: row.wh })));
});
