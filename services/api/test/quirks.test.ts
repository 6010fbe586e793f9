import { Problem } from '@csms/contracts/http/common';
import { QuarantinePage, StationQuirks } from '@csms/contracts/http/quirks';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { fillTenant } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

let api: TestApi;
let station: string;
let foreign: string;
beforeAll(async () => {
  api = await startTestApi();
  station = (await fillTenant(api, 'demo')).station;
  foreign = (await fillTenant(api, 'kota')).station;
});
afterAll(async () => { await api.close(); });

it('G-37 a question for more keys than the station answers at once is refused before it is sent; one within the limit, or to a station that told none, is asked', async () => {
  const token = await api.tokenFor('demo', 'operator');
  const ask = (...keys: string[]) => api.call('POST', `/stations/${station}/commands?wait=true`, token, { command: { action: 'get-configuration', keys } });
  expect((await ask('A', 'B', 'C')).status).toBe(200);
  await api.inTenant('demo', (client) => client.query(`INSERT INTO configuration_value (tenant_id, station_id, key, value, is_known, is_readonly, source, command_id, at)
    SELECT current_setting('app.tenant'), $1, 'GetConfigurationMaxKeys', '2', true, true, 'read', id, now() FROM command WHERE station_id = $1 LIMIT 1`, [station]));
  const refused = await ask('A', 'B', 'C');
  expect([refused.status, Problem.parse(refused.body).code]).toEqual([409, 'beyond-station-limit']);
  expect((await ask('A', 'B')).status).toBe(200);
});

it('shows what a station does differently, and the entries of its make', async () => {
  await api.inTenant('demo', async (client) => {
    await client.query(`UPDATE station SET vendor = 'OpenEVSE', model = 'Advanced Series', firmware = '4.2.2' WHERE id = $1`, [station]);
    await client.query(`INSERT INTO station_quirk (tenant_id, station_id, kind, times, first_at, last_at, place)
      SELECT current_setting('app.tenant'), $1, kind, 7, '2026-11-24T08:00:00Z', '2026-11-24T09:00:00Z', 'MeterValues' FROM unnest(ARRAY['mislabelled-unit', 'of-another-release']) AS kind`, [station]);
  });
  const quirks = StationQuirks.parse((await api.call('GET', `/stations/${station}/quirks`, await api.tokenFor('demo', 'viewer'))).body);
  expect(quirks.entries.map((entry) => entry.id)).toEqual(['openevse-kwh']);
  expect(quirks.deviations).toMatchObject([{ kind: 'missing-zone', handling: 'accepted', times: 3, place: 'place-of-demo' }, { kind: 'mislabelled-unit', handling: 'by-entry', times: 7, lastAt: '2026-11-24T09:00:00.000Z' }]);
});

it('G-23 an operator reads the raw frame of a refused message, with its card masked; a viewer does not, and another tenant finds nothing', async () => {
  const spellings = ['{"idTag":"04A1B2C3D4"', '{"idTag" : 1234567890, "x": 1}', '{"idToken":{"idToken":"04A1B2C3D4","type":"ISO14443"}}', '{"idtag":"04A1B2C3D', '["\\u0069dTag",{"\\u0069dTag":"04A1B2C3D4"}]', '{"\\u0069dTag":"04A1B2C3D4'];
  await api.inTenant('demo', async (client) => {
    for (const [n, frame] of spellings.entries()) {
      await client.query(`INSERT INTO quarantined_frame (tenant_id, id, station_id, key, action, outcome, is_fact, kinds, reason, frame, times, first_at, last_at)
        VALUES (current_setting('app.tenant'), $1, $2, $3, 'X', 'unreadable', false, '{}', 'r', $4, 1, '2026-11-24T08:00:00Z', $5)`, [uuidv7(), station, `k${n}`, frame, new Date(Date.UTC(2026, 10, 24, 8, n))]);
    }
  });
  const token = await api.tokenFor('demo', 'operator');
  const first = QuarantinePage.parse((await api.call('GET', `/stations/${station}/quarantine?limit=2`, token)).body);
  expect(first.items[0]).toMatchObject({ action: 'StopTransaction', isTransaction: true, outcome: 'refused', frame: '[2,"1","StopTransaction",{"idTag":"UI••••mo"}]' });
  const rest = QuarantinePage.parse((await api.call('GET', `/stations/${station}/quarantine?cursor=${first.nextCursor}`, token)).body);
  const shown = [...first.items, ...rest.items];
  expect(shown.length).toBe(spellings.length + 1);
  expect(JSON.stringify(shown)).not.toMatch(/A1B2C3|23456789/);
  expect((await api.call('GET', `/stations/${station}/quarantine`, await api.tokenFor('demo', 'viewer'))).status).toBe(403);
  for (const path of ['quirks', 'quarantine']) expect((await api.call('GET', `/stations/${foreign}/${path}`, token)).status).toBe(404);
});
