import { Token } from '@csms/contracts/http/commerce';
import { StationCreated } from '@csms/contracts/http/stations';
import { LocalList } from '@csms/contracts/http/local-lists';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { createListKeeper, keepListsInStep } from '../src/jobs/keep-lists-in-step.ts';
import { syncLocalList, type ListParts } from '../src/local-list/sync-local-list.ts';
import { testCards } from './harness.ts';
import { createLogger, uuidv7 } from '@csms/kit';
import { openReplyDesk } from '@csms/bus';
import { openCommandLedger } from '@csms/store';
import { createWireCharger } from '../../ocpp-gateway/src/commands/testing/wire-charger.ts';
import { startTestPlatform, type TestPlatform } from './with-charger.ts';

/* Local authorisation lists over the whole way: API, ledger, gateway process, and a charger that keeps its list and has limits. */
let platform: TestPlatform;
let parts: ListParts;
let desk: Awaited<ReturnType<typeof openReplyDesk>>;
const cards: string[] = [];
beforeAll(async () => {
  platform = await startTestPlatform();
  const { pool, bus } = platform.api;
  desk = await openReplyDesk(bus, `jobs-${uuidv7()}`);
  parts = { pool, bus, cards: testCards, ledger: openCommandLedger({ pool, cards: testCards }), replies: desk, now: () => new Date(), newId: uuidv7, log: createLogger('jobs', 'silent') };
  for (const uid of ['CARD-A', 'CARD-B', 'CARD-C', 'CARD-D', 'CARD-E', 'A-NUMBER-OF-MORE-THAN-TWENTY']) {
    cards.push(Token.parse((await platform.api.call('POST', '/tokens', platform.admin, { uid })).body).id);
  }
});
afterAll(async () => {
  await desk?.close();
  await platform?.close();
});

const show = async (id: string) => LocalList.parse(await platform.ask('GET', `/stations/${id}/local-list`));
const sync = async (id: string, body: object = {}) => LocalList.parse(await platform.ask('POST', `/stations/${id}/local-list`, body));
const sent = async (id: string): Promise<{ type: string; entries: number; state: string }[]> => (await platform.api.admin.query(
  `SELECT payload ->> 'updateType' AS type, jsonb_array_length(payload -> 'entries') AS entries, state FROM command WHERE station_id = $1 AND action = 'send-local-list' ORDER BY created_at, id`, [id])).rows;

it('a list goes out within the station\'s limits, follows a card that is blocked by itself, and one station is asked once at a time', async () => {
  const { stationId } = await platform.aCharger('LIST-1', { SendLocalListMaxLength: '2', LocalAuthListMaxLength: '9' });
  expect(await show(stationId)).toMatchObject({ state: 'never-synced', version: 0, size: 0, wantedSize: 5, unfit: 1, differences: { missing: 5 } });
  await keepListsInStep(parts, 'demo');
  expect(await sent(stationId), 'nobody asked for it yet').toEqual([]);

  expect(await sync(stationId)).toMatchObject({ state: 'in-step', version: 3, size: 5, contentKnown: true, limits: { enabled: true, listMax: 9, messageMax: 2 }, differences: { missing: 0, changed: 0, surplus: 0 } });
  expect(await sent(stationId)).toEqual([{ type: 'full', entries: 2, state: 'accepted' }, { type: 'differential', entries: 2, state: 'accepted' }, { type: 'differential', entries: 1, state: 'accepted' }]);

  await platform.ask('PATCH', `/tokens/${cards[1]}`, { status: 'blocked' });
  expect(await show(stationId)).toMatchObject({ state: 'stale', differences: { changed: 1, first: [{ difference: 'changed' }] } });
  // Two processes look at once; the list is one's.
  await Promise.all([createListKeeper(parts).look(), createListKeeper(parts).look()]);
  await expect.poll(() => show(stationId)).toMatchObject({ state: 'in-step', version: 4, reportedVersion: 3 });
  expect((await sent(stationId)).slice(3)).toEqual([{ type: 'differential', entries: 1, state: 'accepted' }]);
  await keepListsInStep(parts, 'demo');
  expect(await sent(stationId)).toHaveLength(4);
  const ledger = await platform.api.call('GET', `/commands?stationId=${stationId}`, await platform.api.tokenFor('demo', 'viewer'));
  expect(JSON.stringify(ledger.body)).toContain('send-local-list');
  expect(JSON.stringify(ledger.body), 'a card number').not.toMatch(/CARD-[A-E]/);
});

it('an update that the station refuses is followed by the whole list; what it cannot do is asked of it no more', async () => {
  const { credential, station } = StationCreated.parse((await platform.api.call('POST', '/stations', platform.admin, { siteId: await platform.api.site('demo', 'bandung-01'), identity: 'LIST-6' })).body);
  const wire = createWireCharger('LIST-6', credential.password);
  let version = 0;
  const refusals: string[] = [];
  wire.respond = async ({ action, payload }) => {
    if (action === 'GetConfiguration') return { configurationKey: [['LocalAuthListEnabled', 'true'], ['LocalAuthListMaxLength', '50'], ['SendLocalListMaxLength', '50']].map(([key, value]) => ({ key, value, readonly: true })) };
    if (action === 'GetLocalListVersion') return { listVersion: version };
    const status = refusals.shift() ?? 'Accepted';
    if (status === 'Accepted') version = z.number().parse(payload['listVersion']);
    return { status };
  };
  try {
    await wire.connect(platform.gateway.port);
    await expect.poll(() => platform.api.bus.ownerOf('demo', station.id)).toMatchObject({ gateway: platform.gateway.name });
    const updates = () => wire.calls.filter((call) => call.action === 'SendLocalList').map((call) => call.payload['updateType']);
    expect(await sync(station.id)).toMatchObject({ state: 'in-step', version: 1 });
    for (const refusal of ['VersionMismatch', 'Failed']) {
      await platform.api.admin.query(`UPDATE token SET valid_until = coalesce(valid_until, '2030-01-01') + interval '1 day' WHERE id = $1`, [cards[0]]);
      refusals.push(refusal);
      const before = updates().length;
      expect(await sync(station.id), refusal).toMatchObject({ state: 'in-step', contentKnown: true });
      expect(updates().slice(before), refusal).toEqual(['Differential', 'Full']);
    }
    refusals.push('Failed', 'Failed');
    expect(await sync(station.id, { full: true })).toMatchObject({ state: 'failed', contentKnown: false, retryAt: expect.any(String), detail: 'send-local-list: rejected, Failed' });
    const asked = updates().length;
    await keepListsInStep(parts, 'demo');
    expect(updates(), 'not before its time').toHaveLength(asked);
    refusals.splice(0, 9, 'NotSupported');
    expect(await sync(station.id)).toMatchObject({ state: 'unsupported' });
  } finally {
    wire.close();
  }
});

it('a list that the station lost, or that changed behind our back, is sent whole', async () => {
  const { stationId } = await platform.aCharger('LIST-2', { GetConfigurationMaxKeys: '2' });
  await platform.ask('POST', `/stations/${stationId}/commands?wait=true`, { command: { action: 'get-configuration', keys: ['GetConfigurationMaxKeys'] } });
  expect(await sync(stationId)).toMatchObject({ state: 'in-step', version: 1 });
  const { rows: asked } = await platform.api.admin.query(`SELECT jsonb_array_length(payload -> 'keys') AS keys FROM command WHERE station_id = $1 AND action = 'get-configuration' ORDER BY created_at, id`, [stationId]);
  expect(asked.map((row: { keys: number }) => row.keys), 'of no more keys than it answers').toEqual([1, 2, 1]);
  // The books say another version than the station has: as after a restore of either.
  await platform.api.admin.query('UPDATE local_list SET version = 7, sent_version = 7 WHERE station_id = $1', [stationId]);
  expect(await sync(stationId)).toMatchObject({ state: 'in-step', version: 8, reportedVersion: 1 });
  expect((await sent(stationId)).map((update) => update.type)).toEqual(['full', 'full']);
  // And the other way round: the station is ahead, so that our next number must be above its own.
  await platform.api.admin.query('UPDATE local_list SET version = 2, sent_version = 2 WHERE station_id = $1', [stationId]);
  expect(await sync(stationId)).toMatchObject({ state: 'in-step', version: 9, reportedVersion: 8 });
});

it('what a station cannot hold, or does not know, is said and not sent', async () => {
  const short = await platform.aCharger('LIST-3', { LocalAuthListMaxLength: '3' });
  expect(await sync(short.stationId)).toMatchObject({ state: 'too-long', version: 0, detail: '5 cards should be on the list, and the station holds 3 (LocalAuthListMaxLength)' });
  const off = await platform.aCharger('LIST-4', { LocalAuthListEnabled: 'false' });
  expect(await sync(off.stationId)).toMatchObject({ state: 'unsupported', detail: 'local lists are switched off at the station (LocalAuthListEnabled)' });
  const newer = StationCreated.parse((await platform.api.call('POST', '/stations', platform.admin, { siteId: await platform.api.site('demo', 'bandung-01'), identity: 'LIST-201' })).body).station.id;
  await platform.api.admin.query(`UPDATE station SET ocpp_version = 'ocpp2.0.1' WHERE id = $1`, [newer]);
  expect(await sync(newer)).toMatchObject({ state: 'unsupported', detail: expect.stringContaining('OCPP 1.6') });
  for (const each of [short.stationId, off.stationId, newer]) expect(await sent(each)).toEqual([]);
  await off.station.stop();
  await expect.poll(async () => (await platform.api.admin.query('SELECT online FROM station WHERE id = $1', [off.stationId])).rows[0]).toEqual({ online: false });
  await platform.api.admin.query('DELETE FROM configuration_value WHERE station_id = $1', [off.stationId]);
  expect(await sync(off.stationId)).toMatchObject({ state: 'failed', retryAt: expect.any(String) });
  expect((await show(off.stationId)).detail).toContain('did not say');
});

it('while somebody is at a list nobody else is, until that process must have died', async () => {
  const { stationId } = await platform.aCharger('LIST-5');
  const ask = { tenant: 'demo', stationId, createdBy: 'test', full: false };
  await sync(stationId);
  await platform.api.admin.query(`UPDATE local_list SET syncing_until = now() + interval '50 seconds' WHERE station_id = $1`, [stationId]);
  expect([await syncLocalList(parts, ask), (await show(stationId)).state, (await sent(stationId)).length]).toEqual([false, 'syncing', 1]);
  await platform.api.admin.query(`UPDATE local_list SET syncing_until = now() - interval '1 second', content_known = false WHERE station_id = $1`, [stationId]);
  expect([await syncLocalList(parts, ask), (await show(stationId)).state, (await sent(stationId)).length]).toEqual([true, 'in-step', 2]);
});
