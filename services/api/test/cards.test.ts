import { Token } from '@csms/contracts/http/commerce';
import { CardGroup, Driver, Enrolment } from '@csms/contracts/http/drivers';
import { LocalList } from '@csms/contracts/http/local-lists';
import { LiveEvent } from '@csms/contracts/live';
import { StationCreated } from '@csms/contracts/http/stations';
import { createWireCharger, type WireCharger } from '../../ocpp-gateway/src/commands/testing/wire-charger.ts';
import { openReplyDesk } from '@csms/bus';
import { createLogger, uuidv7 } from '@csms/kit';
import { openBooks, openCommandLedger } from '@csms/store';
import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { clearCaches } from '../src/jobs/clear-caches.ts';
import { keepListsInStep } from '../src/jobs/keep-lists-in-step.ts';
import type { ListParts } from '../src/local-list/sync-local-list.ts';
import { testCards } from './harness.ts';
import { startTestPlatform, type TestPlatform } from './with-charger.ts';

/* Drivers and cards over the whole way: API, ledger, a gateway process, and chargers. The API's jobs are run by hand, so that each is seen to do its part. */
let platform: TestPlatform;
let parts: ListParts;
let desk: Awaited<ReturnType<typeof openReplyDesk>>;
beforeAll(async () => {
  platform = await startTestPlatform();
  const { pool, bus } = platform.api;
  desk = await openReplyDesk(bus, `jobs-${uuidv7()}`);
  parts = { pool, bus, cards: testCards, ledger: openCommandLedger({ pool, cards: testCards }), replies: desk, now: () => new Date(), newId: uuidv7, log: createLogger('jobs', 'silent') };
});
afterAll(async () => { await desk?.close(); await platform?.close(); });

const asAdmin = async (method: string, path: string, body?: unknown, status = 200): Promise<unknown> => {
  const answer = await platform.api.call(method, path, platform.admin, body);
  expect(answer.status, JSON.stringify(answer.body)).toBe(status);
  return answer.body;
};
const register = async (uid: string, more: object = {}): Promise<Token> => Token.parse(await asAdmin('POST', '/tokens', { uid, ...more }, 201));

/** A 1.6 charger of bare frames: what it is answered is what a station is told. */
async function aWire(identity: string): Promise<{ wire: WireCharger; stationId: string; authorize(idTag: string): Promise<Record<string, unknown>>; start(idTag: string, connectorId?: number): Promise<{ status: string; transactionId: number }> }> {
  const { credential, station } = StationCreated.parse(await asAdmin('POST', '/stations', { siteId: await platform.api.site('demo', 'bandung-01'), identity }, 201));
  const wire = createWireCharger(identity, credential.password);
  await wire.connect(platform.gateway.port);
  await wire.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
  await expect.poll(() => platform.api.bus.ownerOf('demo', station.id)).toMatchObject({ gateway: platform.gateway.name });
  await expect.poll(async () => (await platform.api.admin.query('SELECT online FROM station WHERE id = $1', [station.id])).rows[0]).toEqual({ online: true });
  return {
    wire, stationId: station.id,
    authorize: async (idTag) => z.object({ idTagInfo: z.record(z.string(), z.unknown()) }).parse(await wire.call('Authorize', { idTag })).idTagInfo,
    async start(idTag, connectorId = 1) {
      const answer = z.object({ transactionId: z.number(), idTagInfo: z.object({ status: z.string() }) }).parse(await wire.call('StartTransaction', { connectorId, idTag, meterStart: 0, timestamp: new Date().toISOString() }));
      return { status: answer.idTagInfo.status, transactionId: answer.transactionId };
    },
  };
}

it('C-14 a card is what its own status, its driver, its group, its time and its tenant make of it, to Authorize and to StartTransaction', async () => {
  const one = await aWire('RULES-1');
  const two = await aWire('RULES-2');
  try {
    const driver = Driver.parse(await asAdmin('POST', '/drivers', { name: 'Sari' }, 201));
    const family = CardGroup.parse(await asAdmin('POST', '/card-groups', { name: 'family', parentUid: 'FAMILY-0001' }, 201));
    const card = await register('RULE-CARD', { driverId: driver.id, groupId: family.id });
    expect(await one.authorize('rule-card'), 'without case, with its group').toMatchObject({ status: 'Accepted', parentIdTag: 'FAMILY-0001' });
    expect((await register('RULE-OTHER', { groupId: family.id })).parentUidMasked).toBe('FA••••01');

    for (const [path, id] of [['tokens', card.id], ['drivers', driver.id], ['card-groups', family.id]] as const) {
      await platform.ask('PATCH', `/${path}/${id}`, { status: 'blocked' });
      expect(await one.authorize('RULE-CARD'), path).toMatchObject({ status: 'Blocked' });
      expect((await one.start('RULE-CARD', 2)).status, path).toBe('Blocked');
      await platform.ask('PATCH', `/${path}/${id}`, { status: 'active' });
      expect(await one.authorize('RULE-CARD'), path).toMatchObject({ status: 'Accepted' });
    }

    const hour = (n: number): string => new Date(Date.now() + n * 3_600_000).toISOString();
    for (const [given, expected] of [[{ validFrom: hour(1) }, 'Invalid'], [{ validFrom: hour(-2), validUntil: hour(-1) }, 'Expired'], [{ validFrom: hour(-2), validUntil: hour(1) }, 'Accepted']] as const) {
      await platform.ask('PATCH', `/tokens/${card.id}`, { validUntil: null, ...given });
      expect(await one.authorize('RULE-CARD'), JSON.stringify(given)).toMatchObject({ status: expected });
    }
    await platform.ask('PATCH', `/drivers/${driver.id}`, { validUntil: hour(-1) });
    expect(await one.authorize('RULE-CARD'), 'the narrower of two times').toMatchObject({ status: 'Expired' });
    await platform.ask('PATCH', `/drivers/${driver.id}`, { validUntil: null });

    expect((await one.start('RULE-CARD')).status).toBe('Accepted');
    expect(await two.authorize('RULE-CARD')).toMatchObject({ status: 'ConcurrentTx' });
    await asAdmin('PUT', '/card-policy', { concurrentUse: 'allow' });
    expect(await two.authorize('RULE-CARD')).toMatchObject({ status: 'Accepted' });
    expect((await two.start('RULE-CARD')).status).toBe('Accepted');
    await asAdmin('PUT', '/card-policy', { concurrentUse: 'refuse' });

    await asAdmin('DELETE', `/drivers/${driver.id}`);
    expect(await one.authorize('RULE-CARD'), 'its driver was removed, and the card with them').toMatchObject({ status: 'Invalid' });
    // Another tenant's card of the same number is another card.
    const kota = await platform.api.tokenFor('kota', 'admin');
    await platform.api.site('kota', 'kota-01');
    expect((await platform.api.call('POST', '/tokens', kota, { uid: 'RULE-CARD' })).status).toBe(201);
    expect(await one.authorize('RULE-CARD')).toMatchObject({ status: 'Invalid' });
  } finally { one.wire.close(); two.wire.close(); }
});

it('C-14 a block reaches every station: its cache is cleared, its list says so, and one that was away is told when it comes', async () => {
  const { stationId: withList } = await platform.aCharger('BLOCK-1');
  const wire = await aWire('BLOCK-2');
  const away = await aWire('BLOCK-3');
  try {
    const card = await register('BLOCK-CARD');
    LocalList.parse(await platform.ask('POST', `/stations/${withList}/local-list`, {}));
    away.wire.close();
    await expect.poll(async () => (await platform.api.admin.query('SELECT online FROM station WHERE id = $1', [away.stationId])).rows[0]).toEqual({ online: false });
    wire.wire.respond = async (call) => (call.action === 'ClearCache' ? { status: 'Rejected' } : { status: 'Accepted' });

    await platform.ask('PATCH', `/tokens/${card.id}`, { status: 'blocked' });
    // What the jobs of main.ts do every second and every three.
    await clearCaches(parts, 'demo');
    await keepListsInStep(parts, 'demo');
    const cleared = async (id: string): Promise<string[]> => (await platform.api.admin.query<{ state: string }>(`SELECT state FROM command WHERE station_id = $1 AND action = 'clear-cache' ORDER BY created_at`, [id])).rows.map((row) => row.state);
    expect([await cleared(withList), await cleared(wire.stationId), await cleared(away.stationId)]).toEqual([['accepted'], ['rejected'], []]);
    const list = LocalList.parse(await platform.ask('GET', `/stations/${withList}/local-list`));
    expect(list).toMatchObject({ state: 'in-step', differences: { missing: 0, changed: 0, surplus: 0 } });
    const { rows } = await platform.api.admin.query(`SELECT status FROM local_list_entry WHERE station_id = $1 AND token_uid = $2`, [withList, testCards.reference('demo', 'BLOCK-CARD')]);
    expect(rows).toEqual([{ status: 'Blocked' }]);

    await clearCaches(parts, 'demo');
    expect([await cleared(withList), await cleared(wire.stationId)], 'once for one block, also where there is no cache').toEqual([['accepted'], ['rejected']]);
    await away.wire.connect(platform.gateway.port);
    await expect.poll(async () => { await clearCaches(parts, 'demo'); return cleared(away.stationId); }).toEqual(['accepted']);
    expect(away.wire.calls.map((call) => call.action)).toContain('ClearCache');
  } finally { wire.wire.close(); away.wire.close(); }
});

it('tap to enrol: the next unknown card at that station is offered, on the live stream and to who asks, and is a card after a word', async () => {
  const here = await aWire('TAP-1');
  const elsewhere = await aWire('TAP-2');
  try {
    await register('TAP-KNOWN');
    const opened = Enrolment.parse(await platform.ask('POST', `/stations/${here.stationId}/enrolments`, {}, 201));
    expect(opened).toMatchObject({ state: 'open', stationIdentity: 'TAP-1', uidMasked: null });
    await platform.ask('POST', `/stations/${here.stationId}/enrolments`, {}, 409);
    await asAdmin('POST', `/enrolments/${opened.id}/acceptance`, {}, 409);
    const show = async (): Promise<Enrolment> => Enrolment.parse(await platform.ask('GET', `/enrolments/${opened.id}`));

    expect(await elsewhere.authorize('TAP-NEW-9999')).toMatchObject({ status: 'Invalid' });
    expect(await here.authorize('TAP-KNOWN')).toMatchObject({ status: 'Accepted' });
    expect((await show()).state, 'neither a card at another station nor one that is known').toBe('open');
    expect(await here.authorize('TAP-NEW-1234'), 'offered, and still refused').toMatchObject({ status: 'Invalid' });
    expect(await here.authorize('TAP-NEW-5678')).toMatchObject({ status: 'Invalid' });
    expect(await show(), 'the first, and no later one').toMatchObject({ state: 'offered', uidMasked: 'TA••••34' });
    const { rows } = await platform.api.admin.query<{ changes: unknown }>(`SELECT changes FROM outbox WHERE tenant_id = 'demo' AND changes::text LIKE '%offered%'`);
    expect(rows.flatMap((row) => LiveEvent.shape.changes.parse(row.changes))).toMatchObject([{ kind: 'enrolment', enrolmentId: opened.id, state: 'offered' }]);

    // Operators open windows; whose card it becomes is an admin's word.
    await platform.ask('POST', `/enrolments/${opened.id}/acceptance`, {}, 403);
    const card = Token.parse(await asAdmin('POST', `/enrolments/${opened.id}/acceptance`, { driverName: 'Budi' }, 201));
    expect(card).toMatchObject({ uidMasked: 'TA••••34', driverName: 'Budi', status: 'active' });
    expect(await show()).toMatchObject({ state: 'accepted', tokenId: card.id });
    await asAdmin('POST', `/enrolments/${opened.id}/acceptance`, {}, 409);
    expect(await here.authorize('tap-new-1234')).toMatchObject({ status: 'Accepted' });

    // Some stations ask nobody before they begin.
    const second = Enrolment.parse(await platform.ask('POST', `/stations/${here.stationId}/enrolments`, { seconds: 10 }, 201));
    expect((await here.start('TAP-START-77')).status).toBe('Invalid');
    await expect.poll(async () => Enrolment.parse(await platform.ask('GET', `/enrolments/${second.id}`)).state).toBe('offered');
    expect(Enrolment.parse(await platform.ask('DELETE', `/enrolments/${second.id}`)).state).toBe('cancelled');
    // A window that is over offers nothing.
    const third = Enrolment.parse(await platform.ask('POST', `/stations/${here.stationId}/enrolments`, {}, 201));
    await platform.api.admin.query(`UPDATE enrolment SET expires_at = now() - interval '1 second' WHERE id = $1`, [third.id]);
    await here.authorize('TAP-LATE-88');
    expect(Enrolment.parse(await platform.ask('GET', `/enrolments/${third.id}`)).state).toBe('expired');
  } finally { here.wire.close(); elsewhere.wire.close(); }
});

it('C-15 no row of any table holds a card number, sealed ones open with the right key alone, and a wrong key finds nobody', async () => {
  const charger = await aWire('DUMP-1');
  const { stationId: withList } = await platform.aCharger('DUMP-2');
  const uids = ['04DEADBEEF5566', 'DUMP-UNKNOWN-17', 'DUMP-PARENT-42', 'DUMP-REMOTE-23', 'DUMP-ENROL-31', 'DUMP-BROKEN-64'];
  try {
    const parent = CardGroup.parse(await asAdmin('POST', '/card-groups', { name: 'dump', parentUid: 'DUMP-PARENT-42' }, 201));
    await register('04DEADBEEF5566', { groupId: parent.id });
    await charger.authorize('04DEADBEEF5566');
    const { transactionId } = await charger.start('04DEADBEEF5566');
    await charger.wire.call('StopTransaction', { transactionId, idTag: '04DEADBEEF5566', meterStop: 1_000, timestamp: new Date().toISOString() });
    await charger.wire.call('StopTransaction', { transactionId: 999_999, idTag: 'DUMP-UNKNOWN-17', meterStop: 1_000, timestamp: new Date().toISOString() });
    await charger.start('DUMP-UNKNOWN-17', 2);
    await charger.wire.call('StartTransaction', { connectorId: 1, idTag: 'DUMP-BROKEN-64', meterStart: 'much', timestamp: 'never' }).catch(() => undefined);
    await platform.ask('POST', `/stations/${charger.stationId}/commands?wait=true`, { command: { action: 'remote-start', tokenUid: 'DUMP-REMOTE-23' } });
    expect(charger.wire.calls.at(-1), 'the station is told the number').toMatchObject({ action: 'RemoteStartTransaction', payload: { idTag: 'DUMP-REMOTE-23' } });
    await platform.ask('POST', '/reservations', { stationId: charger.stationId, evseId: 1, tokenUid: '04DEADBEEF5566', expiresAt: new Date(Date.now() + 600_000).toISOString() }, 201);
    expect(charger.wire.calls.at(-1)).toMatchObject({ action: 'ReserveNow', payload: { idTag: '04DEADBEEF5566', parentIdTag: 'DUMP-PARENT-42' } });
    expect(LocalList.parse(await platform.ask('POST', `/stations/${withList}/local-list`, {}))).toMatchObject({ state: 'in-step', contentKnown: true });
    await platform.ask('POST', `/stations/${charger.stationId}/enrolments`, {}, 201);
    await charger.authorize('DUMP-ENROL-31');

    await expect.poll(async () => (await platform.api.admin.query('SELECT 1 FROM quarantined_frame WHERE station_id = $1', [charger.stationId])).rowCount).toBeGreaterThan(0);
    const { rows: columns } = await platform.api.admin.query<{ table: string; column: string }>(
      `SELECT c.relname AS table, a.attname AS column FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p')`);
    expect(columns.length).toBeGreaterThan(300);
    for (const { table, column } of columns) {
      const { rows } = await platform.api.admin.query(`SELECT "${column}"::text AS text FROM "${table}" WHERE "${column}"::text ~* $1 LIMIT 3`, [uids.join('|')]);
      expect(rows, `${table}.${column}`).toEqual([]);
    }
    // Bytes too: a column of bytea is text in hexadecimal.
    const hex = uids.map((uid) => Buffer.from(uid).toString('hex')).join('|');
    for (const { table, column } of columns) expect((await platform.api.admin.query(`SELECT 1 FROM "${table}" WHERE "${column}"::text ~* $1 LIMIT 1`, [hex])).rowCount, `${table}.${column} in hexadecimal`).toBe(0);

    const { rows: [row] } = await platform.api.admin.query<{ sealed: string }>('SELECT sealed_uid AS sealed FROM token WHERE uid = $1', [testCards.reference('demo', '04DEADBEEF5566')]);
    const wrong = cardKeysOfPepper('some other pepper altogether');
    expect([testCards.open('demo', row!.sealed), wrong.open('demo', row!.sealed)]).toEqual(['04DEADBEEF5566', null]);
    const books = await openBooks({ databaseUrl: platform.api.database.appUrl, cards: wrong });
    try {
      expect(await books.authorization.authorize('demo', withList, '04DEADBEEF5566', new Date())).toMatchObject({ status: 'Invalid', parentUid: null });
    } finally { await books.close(); }
    for (const path of ['/tokens', '/sessions', '/commands', '/reservations', '/audit', '/users', `/stations/${charger.stationId}/quarantine`, '/enrolments']) {
      const text = JSON.stringify((await platform.api.call('GET', path, platform.admin)).body);
      expect(text, path).not.toMatch(new RegExp(`${uids.join('|')}|card:[0-9a-f]`, 'i'));
    }
    expect(Token.parse(await platform.ask('POST', '/tokens/look-up', { uid: '04deadbeef5566' })).uidMasked).toBe('04••••66');
    await platform.ask('POST', '/tokens/look-up', { uid: '04deadbeef5567' }, 404);
    await platform.ask('GET', '/tokens?uid=04deadbeef5566', undefined, 400);
    expect(platform.gateway.heard.join('\n'), 'the log of the gateway').not.toMatch(new RegExp(uids.join('|'), 'i'));
  } finally { charger.wire.close(); }
});
