import { SessionCurve, SessionExplanation, MeterValuePage } from '@csms/contracts/http/sessions';
import { LegacyForecast, LegacyModelMetrics } from '@csms/contracts/http/legacy';
import { SiteForecast, ModelList } from '@csms/contracts/http/forecasts';
import { Problem } from '@csms/contracts/http/common';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aSession } from './book-rows.ts';
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

  const [model, forecast] = [uuidv7(), uuidv7()];
  await api.inTenant('demo', async (client) => {
    await client.query(`INSERT INTO model_version (tenant_id, id, site_id, kind, state, trained_at, data_hash, code_version, seed, window_from, window_to, sample_days, sample_sessions, parameters, metrics, decision, reason)
      VALUES ('demo', $1, $2, 'profile', 'champion', '2026-11-24T00:00:00Z', 'h', 'c', 1, '2026-10-01', '2026-11-24', 54, 500, '{}', '{"maeWh": 2500, "rmseWh": 3000}', 'promoted', 'first')`, [model, site]);
    await client.query(`INSERT INTO training_run (tenant_id, id, site_id, kind, local_date, started_at, ended_at, outcome) VALUES ('demo', $1, $2, 'daily', '2026-11-24', '2026-11-24T00:00:00Z', '2026-11-24T00:00:05Z', 'promoted')`, [uuidv7(), site]);
    await client.query(`INSERT INTO forecast (tenant_id, id, site_id, model_version_id, issued_at, origin_at, horizon_hours) VALUES ('demo', $1, $2, $3, '2026-11-24T12:00:00Z', '2026-11-24T12:00:00Z', 24)`, [forecast, site, model]);
    await client.query(`INSERT INTO forecast_point (tenant_id, forecast_id, hour_at, p10_wh, p50_wh, p90_wh, mean_wh) SELECT 'demo', $1, '2026-11-24T12:00:00Z'::timestamptz + n * interval '1 hour', 0, 1000, 9000, 1000 * (n + 1) FROM generate_series(0, 23) n`, [forecast]);
  });
  expect(SiteForecast.parse((await api.call('GET', `/forecasts/${site}`, token)).body)).toMatchObject({ status: 'ok', model: { id: model, kind: 'profile' } });
  expect(ModelList.parse((await api.call('GET', `/models/${site}`, token)).body)).toMatchObject({ items: [{ id: model }], runs: [{ outcome: 'promoted' }] });
  expect(LegacyForecast.parse((await api.call('GET', `/predict/availability?siteId=${site}`, token)).body).forecast).toEqual(Array.from({ length: 24 }, (_, i) => i + 1));
  expect(LegacyModelMetrics.parse((await api.call('GET', '/model/metrics', token)).body)).toEqual({ load_model_mae: 2.5, sample_size: 500, last_trained: Date.parse('2026-11-24T00:00:00Z') / 1_000 });
  api.clock.now = new Date('2026-11-26T00:00:00Z');
  expect((await codes('/predict/availability')).slice(0, 2)).toEqual([501, 'model-missing']);
});
