import { SessionCurve, SessionExplanation, MeterValuePage } from '@csms/contracts/http/sessions';
import { LegacyForecast, LegacyModelMetrics } from '@csms/contracts/http/legacy';
import { SiteForecast, ModelList } from '@csms/contracts/http/forecasts';
import { Problem } from '@csms/contracts/http/common';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aForecast, aSession } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* What is read of one session, and of forecasts. */
let api: TestApi;
let token: string;
let site: string;
let station: string;
let session: string;
const start = new Date('2026-11-24T08:00:00Z');
beforeAll(async () => {
  api = await startTestApi();
  api.clock.now = new Date('2026-11-24T12:20:00Z');
  token = await api.tokenFor('demo', 'viewer');
  site = await api.site('demo', 'bandung');
  station = uuidv7();
  await api.inTenant('demo', async (client) => {
    await client.query(`INSERT INTO station (tenant_id, id, site_id, identity) VALUES ('demo', $1, $2, 'CP_1')`, [station, site]);
    session = await aSession(client, { station, startedAt: start, endedAt: new Date('2026-11-24T09:00:00Z'), transactionRef: '42', meterStartWh: 1_000, energyWh: 6_000, tokenUid: '04A2B6C8D1E280' });
    await client.query(`INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, register_wh, power_w)
      SELECT 'demo', $1, 1, 1, '42', $2::timestamptz + n * interval '6 seconds', now(), 1000 + 10 * n, 6000 FROM generate_series(0, 600) n`, [station, start]);
    // Readings of the session before and after it, at the same connector, are not its.
    await client.query(`INSERT INTO meter_value (tenant_id, station_id, evse_id, connector_id, transaction_ref, at, received_at, register_wh) VALUES ('demo', $1, 1, 1, '41', $2, now(), 999), ('demo', $1, 1, 1, '', $2, now(), 999)`, [station, start]);
    for (const [action, verdict] of [['StartTransaction', 'applied'], ['StartTransaction', 'duplicate'], ['StopTransaction', 'applied']] as const) {
      await client.query(`INSERT INTO session_event (tenant_id, station_id, session_id, transaction_ref, action, message_id, received_at, verdict, detail, payload) VALUES ('demo', $1, $2, '42', $3, 'm', now(), $4, 'because', $5)`,
        [station, session, action, verdict, JSON.stringify({ connectorId: 1, idTag: '04A2B6C8D1E280', idToken: { idToken: '04A2B6C8D1E280', type: 'ISO14443' } })]);
    }
  });
});
afterAll(async () => { await api.close(); });

it('a curve keeps its ends and its energy, however few points are asked for', async () => {
  const curve = SessionCurve.parse((await api.call('GET', `/sessions/${session}/curve?points=50`, token)).body);
  expect(curve.readings).toBe(601);
  expect(curve.points.length).toBeGreaterThan(40);
  expect(curve.points.length).toBeLessThanOrEqual(52);
  expect(curve.points[0]).toEqual({ at: '2026-11-24T08:00:00.000Z', powerW: 6_000, energyWh: 0, socPct: null });
  expect(curve.points.at(-1)).toEqual({ at: '2026-11-24T09:00:00.000Z', powerW: 6_000, energyWh: 6_000, socPct: null });
  expect(SessionCurve.parse((await api.call('GET', `/sessions/${session}/curve?points=2000`, token)).body).points).toHaveLength(601);
});

it('an explanation has every message with its verdict, and no card number', async () => {
  const answer = await api.call('GET', `/sessions/${session}/explanation`, token);
  const explanation = SessionExplanation.parse(answer.body);
  const decided = explanation.messages.filter(({ action }) => action !== 'MeterValues');
  expect(decided.map(({ action, verdict }) => [action, verdict])).toEqual([['StartTransaction', 'applied'], ['StartTransaction', 'duplicate'], ['StopTransaction', 'applied']]);
  expect(explanation.messages.filter(({ action }) => action === 'MeterValues')).toHaveLength(601);
  expect(explanation.messages.find(({ action }) => action === 'MeterValues')!.detail).toMatch(/^reading stored: register [\d.]+ kWh/);
  expect(explanation.readings).toBe(601);
  expect(JSON.stringify(answer.body)).not.toContain('04A2B6C8D1E280');
  expect(decided[0]!.payload).toEqual({ connectorId: 1, idTag: '04••••80', idToken: { idToken: '04••••80', type: 'ISO14443' } });
});

it('readings of a station page by time', async () => {
  const first = MeterValuePage.parse((await api.call('GET', `/meter-values?stationId=${station}&limit=500`, token)).body);
  const second = MeterValuePage.parse((await api.call('GET', `/meter-values?stationId=${station}&limit=500&cursor=${first.nextCursor}`, token)).body);
  expect(first.items.length + second.items.length).toBe(603);
  expect(second.nextCursor).toBeNull();
  expect(new Set([...first.items, ...second.items].map((item) => `${item.transactionRef} ${item.at}`)).size).toBe(603);
});

it('a forecast, its model and the prototype\'s paths come from the ledger, or say which model is missing', async () => {
  const codes = async (path: string) => { const answer = await api.call('GET', path, token); return [answer.status, Problem.parse(answer.body).code, Problem.parse(answer.body).detail]; };
  expect(SiteForecast.parse((await api.call('GET', `/forecasts/${site}`, token)).body)).toMatchObject({ status: 'none', points: [] });
  expect(await codes('/predict/availability?hours=24')).toEqual([501, 'model-missing', 'no load forecast covers the hours that come: no training has run for this site yet']);
  expect(await codes('/model/metrics')).toEqual([501, 'model-missing', 'no load model serves this site yet']);
  expect(await codes('/health-scores')).toEqual([501, 'model-missing', 'no health model has been trained']);
  for (const path of ['/health/score', '/predict/maintenance', '/analytics/users', '/optimize/load']) expect((await codes(path)).slice(0, 2)).toEqual([501, 'model-missing']);

  const model = await api.inTenant('demo', (client) => aForecast(client, { site, originAt: new Date('2026-11-24T12:00:00Z') }));
  expect(SiteForecast.parse((await api.call('GET', `/forecasts/${site}`, token)).body)).toMatchObject({ status: 'ok', model: { id: model, kind: 'profile' } });
  expect(ModelList.parse((await api.call('GET', `/models/${site}`, token)).body)).toMatchObject({ items: [{ id: model }], runs: [{ outcome: 'promoted' }] });
  expect(LegacyForecast.parse((await api.call('GET', `/predict/availability?siteId=${site}`, token)).body).forecast).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  expect(LegacyModelMetrics.parse((await api.call('GET', '/model/metrics', token)).body)).toEqual({ load_model_mae: 2.5, sample_size: 500, last_trained: Date.parse('2026-11-24T00:00:00Z') / 1_000 });
  api.clock.now = new Date('2026-11-26T00:00:00Z');
  expect((await codes('/predict/availability')).slice(0, 2)).toEqual([501, 'model-missing']);
});

it('the prototype\'s paths say which site they speak of, take its id or its name, and are at the root as well', async () => {
  api.clock.now = new Date('2026-11-24T12:20:00Z');
  const second = await api.site('demo', 'jakarta');
  const hours = Array.from({ length: 24 }, (_, i) => i + 1);
  for (const path of ['/predict/availability', '/predict/availability?site=bandung', '/predict/availability?site=demo/bandung', `/predict/availability?site=${site}`]) {
    const answer = await api.call('GET', path, token, undefined, { origin: 'https://pages.example' });
    expect([path, answer.status, answer.body, answer.headers['x-csms-site']]).toEqual([path, 200, { forecast: hours }, site]);
    expect(answer.headers['access-control-expose-headers']).toContain('x-csms-site');
  }
  // A site without a model is no other site's figures, and the refusal names it too.
  const other = await api.call('GET', '/model/metrics?site=jakarta', token);
  expect([other.status, other.headers['x-csms-site']]).toEqual([501, second]);
  expect((await api.call('GET', '/model/metrics?site=nowhere', token)).status).toBe(404);
  expect((await api.call('GET', `/model/metrics?site=jakarta&siteId=${site}`, token)).status).toBe(400);
  expect((await api.call('GET', '/predict/availability?site=bandung', await api.tokenFor('kota', 'viewer'))).status).toBe(404);

  const atRoot = async (url: string, headers: Record<string, string> = { authorization: `Bearer ${token}` }) => api.app.inject({ url, headers });
  const root = await atRoot('/predict/availability?hours=24');
  expect([root.statusCode, root.json(), root.headers['x-csms-site'], root.headers['cache-control']]).toEqual([200, { forecast: hours }, site, 'no-store']);
  expect((await atRoot('/cps')).json()).toEqual((await api.call('GET', '/cps', token)).body);
  expect((await atRoot('/users')).json()).toEqual((await api.call('GET', '/users', token)).body);
  expect((await atRoot('/cps', {})).statusCode).toBe(401);
  expect((await api.app.inject({ method: 'POST', url: '/users', headers: { authorization: `Bearer ${token}` }, payload: { uid: 'A1', name: 'x' } })).statusCode).toBe(403);
  expect((await atRoot('/stations')).statusCode).toBe(404);
});

it('a name that two namespaces have is nobody\'s until its namespace is named', async () => {
  await api.admin.query(`UPDATE site SET namespace = 'elsewhere' WHERE name = 'jakarta'`);
  await api.admin.query(`UPDATE site SET name = 'jakarta' WHERE id = $1`, [site]);
  expect(Problem.parse((await api.call('GET', '/predict/availability?site=jakarta', token)).body)).toMatchObject({ code: 'invalid-request', detail: expect.stringContaining('demo/jakarta') });
  expect((await api.call('GET', '/predict/availability?site=demo/jakarta', token)).status).toBe(200);
});
