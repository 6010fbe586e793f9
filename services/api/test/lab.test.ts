import { LabActionResult, LabProof, LabState } from '@csms/contracts/http/lab';
import { Problem } from '@csms/contracts/http/common';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { serveControl } from '../../../tools/local/src/fleet/control-server.ts';
import type { Fleet } from '../../../tools/local/src/fleet/fleet.ts';
import { startLabServer } from '../../../tools/local/src/lab/control-server.ts';
import { aSession } from './book-rows.ts';
import { startTestApi, testCards, type TestApi } from './harness.ts';

/* The launcher's and the fleet's own control servers behind the API; the chargers' memory is written here, so that what is wrong in the books is known. */
let api: TestApi;
let close: () => Promise<void>;
const acted: unknown[] = [];
const startedAt = '2026-11-24T09:00:00.000Z';
const past = { connectorId: 1, idTag: 'CARD-1', startedAt, meterStartWh: 1_000, startAcknowledged: true, stoppedAt: '2026-11-24T09:30:00.000Z', meterStopWh: 6_000, stopAcknowledged: true, readings: 3, readingsAcknowledged: 3, energyWh: 5_000, dialect: '1.6' };
const memory: ReturnType<Fleet['truth']> = [
  { ...past, identity: 'CP_1', localId: 'a', transactionRef: '1' },
  { ...past, identity: 'CP_1', localId: 'b', transactionRef: '2', startedAt: '2026-11-24T08:00:00.000Z' },
  { ...past, identity: 'CP_1', localId: 'c', transactionRef: '3', startedAt: '2026-11-24T07:00:00.000Z' },
  { ...past, identity: 'CP_OF_KOTA', localId: 'd', transactionRef: '9' },
];
const station = (identity: string): ReturnType<Fleet['state']>[number] => ({
  identity, dialect: '1.6', connected: true, booted: true, cableCut: false, queuedMessages: 0, behaviour: 'manual', connectors: [], counters: { transactions: 3, acknowledgedStarts: 3, acknowledgedStops: 3, energyWh: 15_000 },
});

beforeAll(async () => {
  const fleet: Fleet = {
    start: () => undefined, stop: async () => undefined, truth: () => memory, state: () => ['CP_1', 'CP_OF_KOTA'].map(station), act: (...args) => { acted.push(args); },
  };
  const control = await serveControl(fleet, { port: 0, token: 'fleet-token' });
  const lab = await startLabServer({
    fleet: { url: `http://127.0.0.1:${control.port}`, token: 'fleet-token' }, bus: { kind: 'postgres', said: '', env: {}, outage: null }, cards: [{ uid: 'CARD-1', label: 'known', driverName: 'Sari' }],
    processes: () => [{ name: 'gateway-0', kind: 'gateway', pid: 1, ready: true, restarts: 0, connections: null }], killProcess: (name) => name === 'gateway-0',
  }, 'lab-token');
  close = async () => { await lab.close(); await control.close(); };
  api = await startTestApi({ lab: { url: lab.url, token: 'lab-token' } });
  for (const [tenant, identity] of [['demo', 'CP_1'], ['kota', 'CP_OF_KOTA']] as const) {
    const site = await api.site(tenant, 'one');
    const id = uuidv7();
    await api.inTenant(tenant, async (client) => {
      await client.query(`INSERT INTO station (tenant_id, id, site_id, identity) VALUES ($1, $2, $3, $4)`, [tenant, id, site, identity]);
      if (tenant !== 'demo') return;
      const common = { station: id, tokenUid: testCards.reference('demo', 'CARD-1'), meterStartWh: 1_000, billMinor: 12_330 };
      await aSession(client, { ...common, startedAt: new Date(startedAt), transactionRef: '1', energyWh: 5_000 });
      // Of the second one the energy differs; the third is not there.
      await aSession(client, { ...common, startedAt: new Date('2026-11-24T08:00:00Z'), transactionRef: '2', energyWh: 4_000 });
    });
  }
});
afterAll(async () => { await api.close(); await close(); });

it('shows a tenant its own stations and the processes, and hands on what is done', async () => {
  const token = await api.tokenFor('demo', 'operator');
  const state = LabState.parse((await api.call('GET', '/lab/state', token)).body);
  expect(state.stations.map((each) => each.identity)).toEqual(['CP_1']);
  expect(state.processes.map((each) => each.name)).toEqual(['gateway-0']);
  expect(LabActionResult.parse((await api.call('POST', '/lab/actions', token, { action: 'tap', identity: 'CP_1', connectorId: 1, uid: 'CARD-1' })).body).ok).toBe(true);
  expect(acted).toEqual([['CP_1', 'tap', { connectorId: 1, idTag: 'CARD-1' }]]);
  expect((await api.call('POST', '/lab/actions', token, { action: 'cut', identity: 'CP_OF_KOTA' })).status).toBe(404);
  expect(acted).toHaveLength(1);
  expect(LabActionResult.parse((await api.call('POST', '/lab/actions', token, { action: 'kill-process', name: 'nobody' })).body)).toEqual({ ok: false, message: 'no process nobody runs' });
  const { rows } = await api.admin.query<{ action: string }>(`SELECT action FROM audit WHERE action LIKE 'lab.%' ORDER BY at, id`);
  expect(rows.map((row) => row.action)).toEqual(['lab.tap', 'lab.kill-process']);
});

it('holds the chargers\' memory against the books, row by row', async () => {
  const proof = LabProof.parse((await api.call('GET', '/lab/proof', await api.tokenFor('demo', 'operator'))).body);
  expect(proof.transactions).toEqual({ byChargers: 3, acknowledged: 3, inBooks: 2, lost: 1, doubled: 0, queued: 0 });
  expect(proof.energyWh).toEqual({ byChargers: 10_000, inBooks: 9_000, difference: -1_000 });
  expect(proof.bills).toEqual({ sessionsEnded: 2, billedOnce: 2, unbilled: 0, billedTwice: 0 });
  expect(proof.problems).toEqual([
    { identity: 'CP_1', transactionRef: '2', problem: 'the station measured 5000 Wh, the books have 4000 Wh' },
    { identity: 'CP_1', transactionRef: '3', problem: 'acknowledged, and not in the books' },
  ]);
});

it('a start that is in the books twice is seen by its natural key', async () => {
  // The unique key forbids it (I-2), so the superuser takes the key away for a moment.
  await api.admin.query('DROP INDEX session_start_16');
  const { rows } = await api.admin.query<{ id: string }>(`SELECT id FROM station WHERE identity = 'CP_1'`);
  await api.inTenant('demo', (client) => aSession(client, { station: rows[0]!.id, startedAt: new Date(startedAt), transactionRef: '77', tokenUid: testCards.reference('demo', 'CARD-1'), meterStartWh: 1_000, energyWh: 5_000 }));
  const proof = LabProof.parse((await api.call('GET', '/lab/proof', await api.tokenFor('demo', 'operator'))).body);
  expect(proof.transactions.doubled).toBe(1);
  expect(proof.problems[0]).toEqual({ identity: 'CP_1', transactionRef: '1', problem: '2 sessions in the books for one transaction' });
});

it('says when the lab does not answer', async () => {
  await close();
  close = async () => undefined;
  const answer = await api.call('GET', '/lab/state', await api.tokenFor('demo', 'operator'));
  expect([answer.status, Problem.parse(answer.body).code]).toEqual([502, 'lab-unreachable']);
});
