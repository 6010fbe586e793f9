import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aCharger, type Charger } from '../src/testing/charger.ts';
import { aRawStation, basic, rawUpgrade } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

let platform: Platform;
let gateway: GatewayProcess;
beforeAll(async () => {
  platform = await openPlatform();
  gateway = await platform.startGateway();
});
afterAll(() => platform?.close());

async function charger(identity: string, version: 'ocpp1.6' | 'ocpp2.0.1' = 'ocpp1.6'): Promise<Charger> {
  const passwords = await platform.register(identity);
  return aCharger({ port: gateway.port, identity, version, password: passwords.get(identity) ?? '' });
}

const at = (minute: number): string => `2026-11-24T09:${String(minute).padStart(2, '0')}:00Z`;
const sessionsOf = (identity: string) => platform.sql<{ connector: number; state: string; energy: number | null; ref: string; register: number | null }>(
  `SELECT s.connector_id AS connector, s.state, s.energy_wh AS energy, s.transaction_ref AS ref, s.last_register_wh AS register
   FROM session s JOIN station st USING (tenant_id) WHERE st.id = s.station_id AND st.identity = $1 ORDER BY s.started_at, s.connector_id`, [identity]);

describe('a gateway over real books', () => {
  it('a 1.6 session of an independent client is on the books, billed by its registers', async () => {
    const client = await charger('WHOLE-16');
    expect(await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' })).toMatchObject({ status: 'Accepted' });
    expect(await client.call('Authorize', { idTag: 'CARD-1' })).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    const { transactionId } = await client.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 1_000, timestamp: at(0) });
    await client.call('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(5), sampledValue: [{ value: '2.5', unit: 'kWh' }, { value: '7.2', measurand: 'Power.Active.Import', unit: 'kW' }] }] });
    await client.call('StopTransaction', { transactionId, meterStop: 4_000, timestamp: at(10), idTag: 'CARD-1' });
    await client.close();
    expect(await sessionsOf('WHOLE-16')).toMatchObject([{ connector: 1, state: 'ended', energy: 3_000 }]);
    const [reading] = await platform.sql<{ register: number; power: number }>(`SELECT register_wh AS register, power_w AS power FROM meter_value WHERE transaction_ref = $1 AND at = $2`, [String(transactionId), at(5)]);
    expect(reading).toEqual({ register: 2_500, power: 7_200 });
  });

  it('a 2.0.1 session ends in the same books', async () => {
    const client = await charger('WHOLE-201', 'ocpp2.0.1');
    const event = (seqNo: number, eventType: string, minute: number, more: object = {}) => client.call('TransactionEvent', {
      eventType, timestamp: at(minute), triggerReason: eventType === 'Started' ? 'Authorized' : eventType === 'Ended' ? 'EVDeparted' : 'MeterValuePeriodic', seqNo, transactionInfo: { transactionId: 'TX-A' },
      meterValue: [{ timestamp: at(minute), sampledValue: [{ value: 500 + 100 * minute, measurand: 'Energy.Active.Import.Register', unitOfMeasure: { unit: 'Wh' } }] }], ...more,
    });
    await client.call('BootNotification', { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } });
    await client.call('StatusNotification', { timestamp: at(0), connectorStatus: 'Occupied', evseId: 1, connectorId: 1 });
    expect(await event(0, 'Started', 0, { evse: { id: 1, connectorId: 1 }, idToken: { idToken: 'CARD-1', type: 'ISO14443' } })).toMatchObject({ idTokenInfo: { status: 'Accepted' } });
    await event(1, 'Updated', 5);
    expect(await event(2, 'Ended', 20)).toEqual({});
    await client.close();
    expect(await sessionsOf('WHOLE-201')).toMatchObject([{ connector: 1, state: 'ended', energy: 2_000, ref: 'TX-A' }]);
  });

  it('two 1.6 connectors charging at once are two sessions', async () => {
    const client = await charger('TWIN');
    const start = (connectorId: number, idTag: string) => client.call('StartTransaction', { connectorId, idTag, meterStart: 0, timestamp: at(0) });
    const first = await start(1, 'CARD-1');
    const second = await start(2, 'CARD-2');
    expect(first['transactionId']).not.toBe(second['transactionId']);
    await client.call('StopTransaction', { transactionId: second['transactionId'], meterStop: 200, timestamp: at(2) });
    expect(await sessionsOf('TWIN')).toMatchObject([{ connector: 1, state: 'active' }, { connector: 2, state: 'ended', energy: 200 }]);
    await client.call('StopTransaction', { transactionId: first['transactionId'], meterStop: 900, timestamp: at(3) });
    expect(await sessionsOf('TWIN')).toMatchObject([{ connector: 1, state: 'ended', energy: 900 }, { connector: 2, state: 'ended', energy: 200 }]);
    await client.close();
  });

  it('a reading in kWh, one without a unit and one without a measurand are stored in Wh', async () => {
    const client = await charger('UNITS');
    const { transactionId } = await client.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: at(0) });
    const samples: object[] = [{ value: '1.5', unit: 'kWh', measurand: 'Energy.Active.Import.Register' }, { value: '1600', measurand: 'Energy.Active.Import.Register' }, { value: '1700' }];
    for (const [minute, sampledValue] of samples.entries()) await client.call('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(minute + 1), sampledValue: [sampledValue] }] });
    const rows = await platform.sql<{ register: number }>('SELECT register_wh AS register FROM meter_value WHERE transaction_ref = $1 ORDER BY at', [String(transactionId)]);
    expect(rows.map((row) => row.register)).toEqual([1_500, 1_600, 1_700]);
    await client.call('StopTransaction', { transactionId, meterStop: 1_800, timestamp: at(9) });
    await client.close();
  });

  it('a repeated start with a new message id is neither a second session nor ConcurrentTx', async () => {
    const client = await charger('REPEATER');
    const start = { connectorId: 1, idTag: 'CARD-2', meterStart: 10, timestamp: at(0) };
    const first = await client.call('StartTransaction', start);
    const again = await client.call('StartTransaction', start);
    expect(first).toMatchObject({ idTagInfo: { status: 'Accepted' } });
    expect(again).toEqual(first);
    expect(await sessionsOf('REPEATER')).toHaveLength(1);
    await client.call('StopTransaction', { transactionId: first['transactionId'], meterStop: 20, timestamp: at(1) });
    await client.close();
  });

  it('a repeated reading is stored once, and a reading after the stop is kept and changes no energy', async () => {
    const client = await charger('AFTERWARDS');
    const { transactionId } = await client.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: at(0) });
    const reading = (minute: number, value: string) => client.call('MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(minute), sampledValue: [{ value }] }] });
    await reading(1, '100');
    await reading(1, '100');
    await client.call('StopTransaction', { transactionId, meterStop: 200, timestamp: at(2) });
    await reading(3, '250');
    await client.close();
    const rows = await platform.sql<{ register: number }>('SELECT register_wh AS register FROM meter_value WHERE transaction_ref = $1 ORDER BY at', [String(transactionId)]);
    expect(rows.map((row) => row.register)).toEqual([100, 250]);
    expect(await sessionsOf('AFTERWARDS')).toMatchObject([{ state: 'ended', energy: 200 }]);
  });

  it('what a database cannot hold, times of no calendar and registers of no meter are answered, and the station goes on', async () => {
    const [identity, other] = ['ODD', 'ODD-2'] as const;
    const passwords = await platform.register(identity, other);
    const station = await aRawStation({ port: gateway.port, identity, password: passwords.get(identity) ?? '' });
    const ask = async (id: string, action: string, payload: object) => { station.send([2, id, action, payload]); return station.answer(id); };
    const start = { connectorId: 1, idTag: 'O\u0000DD', meterStart: 0, timestamp: '9999-12-31T23:59:59Z' };
    const [, , begun] = await ask('1', 'StartTransaction', start) as [number, string, { transactionId: number }];
    expect(await ask('2', 'StartTransaction', start)).toMatchObject([3, '2', { transactionId: begun.transactionId }]);
    expect(await ask('3', 'MeterValues', { connectorId: 1, transactionId: begun.transactionId, meterValue: [{ timestamp: '9998-01-01T00:00:00Z', sampledValue: [{ value: '1500' }] }] })).toEqual([3, '3', {}]);
    expect((await ask('4', 'StatusNotification', { connectorId: 2 ** 31, errorCode: 'NoError', status: 'Available' })).slice(0, 3)).toEqual([4, '4', 'PropertyConstraintViolation']);
    station.send('[2,"5","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Charging","info":"\\ud800 \\u0000"}]');
    expect(await station.answer('5')).toEqual([3, '5', {}]);
    expect(await ask('6', 'StopTransaction', { transactionId: begun.transactionId, meterStop: 4e15, timestamp: '1970-01-01T00:00:00Z' })).toEqual([3, '6', {}]);
    expect(await platform.sql(`SELECT s.token_uid AS card, s.state, s.flags, b.energy_wh AS energy, b.state AS bill, s.started_at < now() + interval '1 hour' AS "startIsNear" FROM session s JOIN bill b ON b.session_id = s.id WHERE s.transaction_ref = $1`, [String(begun.transactionId)]))
      .toEqual([{ card: expect.stringMatching(/^card:[0-9a-f]{32}:••••DD$/), state: 'ended', flags: ['clock-wrong', 'no-tariff', 'unknown-token', 'unreadable-register'], energy: 1_500, bill: 'final', startIsNear: true }]);
    const stranger = await aRawStation({ port: gateway.port, identity: other, password: passwords.get(other) ?? '' });
    stranger.send([2, '1', 'StopTransaction', { transactionId: begun.transactionId, meterStop: 1, timestamp: at(1) }]);
    expect(await stranger.answer('1')).toEqual([3, '1', {}]);
    expect(await platform.sql(`SELECT identity FROM security_event WHERE kind = 'foreign-transaction'`)).toEqual([{ identity: other }]);
    for (let connectorId = 1; connectorId <= 101; connectorId += 1) await ask(`c${connectorId}`, 'StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' });
    expect(station.received.find((frame) => frame[1] === 'c100')?.[0]).toBe(3);
    expect(station.received.find((frame) => frame[1] === 'c101')?.slice(0, 3)).toEqual([4, 'c101', 'PropertyConstraintViolation']);
    const refused = await eventually(() => platform.sql<{ detail: string }>(`SELECT detail FROM security_event WHERE kind = 'fact-refused' AND identity = $1`, [identity]), (rows) => rows.length > 0);
    expect(refused.map((row) => row.detail)).toEqual([expect.stringContaining('"c101"')]);
    station.ws.terminate();
    stranger.ws.terminate();
  });

  it('one bad URL or frame ends nothing', async () => {
    const neighbour = await charger('NEIGHBOUR');
    const passwords = await platform.register('BAD');
    const headers = { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic('BAD', passwords.get('BAD') ?? '') };
    for (const target of ['/%ff', '/ocpp/%ff', '/ocpp//', '*', 'ws://[/ocpp/BAD', '/ocpp/demo/%00']) (await rawUpgrade({ port: gateway.port, target, headers })).socket.destroy();
    const bad = await aRawStation({ port: gateway.port, identity: 'BAD', password: passwords.get('BAD') ?? '' });
    for (const frame of ['', 'x', '{}', '[', '[2]', '[3,"?",null]', '[4]', `[2,"a","Heartbeat",${'['.repeat(60)}${']'.repeat(60)}]`, '[2,"b","DataTransfer",{"__proto__":{}}]', Buffer.from([0xff, 0xfe])]) bad.send(frame);
    bad.send([2, 'alive', 'Heartbeat', {}]);
    expect((await bad.answer('alive'))[0]).toBe(3);
    expect(await neighbour.call('Heartbeat', {})).toHaveProperty('currentTime');
    expect(gateway.process.exitCode).toBeNull();
    expect(await gateway.metrics()).toMatch(/csms_ocpp_invalid_messages_total\{[^}]*kind="not-json"[^}]*\} [1-9]/);
    bad.ws.terminate();
    await neighbour.close();
  });

  it('reconnecting over a half-open socket leaves the station online', async () => {
    const passwords = await platform.register('HALF');
    const online = () => platform.sql<{ online: boolean; epoch: string }>(`SELECT online, online_epoch AS epoch FROM station WHERE identity = 'HALF'`);
    const open = () => aRawStation({ port: gateway.port, identity: 'HALF', password: passwords.get('HALF') ?? '' });
    const old = await open();
    const [first] = await eventually(online, ([row]) => row?.online === true);
    old.ws.pause(); // the cable is cut: nothing is read, nothing is said
    const fresh = await open();
    const [second] = await eventually(online, ([row]) => row !== undefined && BigInt(row.epoch) > BigInt(first?.epoch ?? 0));
    expect(second?.online).toBe(true);
    old.ws.terminate();
    fresh.send([2, 'h', 'Heartbeat', {}]);
    expect((await fresh.answer('h'))[0]).toBe(3);
    // The old socket's end has been dealt with once the gateway has counted it.
    await eventually(() => gateway.metrics(), (text) => /csms_gateway_closes_total\{[^}]*reason="replaced"[^}]*\} [1-9]/.test(text));
    // A gateway whose lease was late claims anew: the epoch may rise, and never fall.
    const [now] = await online();
    expect(now?.online).toBe(true);
    expect(BigInt(now?.epoch ?? 0)).toBeGreaterThanOrEqual(BigInt(second?.epoch ?? 0));
    fresh.ws.terminate();
    await eventually(online, ([row]) => row?.online === false);
  });

  it('two hundred unknown connectors at first contact deadlock nothing', async () => {
    const identities = Array.from({ length: 20 }, (_, n) => `FIRST-${n}`);
    const passwords = await platform.register(...identities);
    const stations = await Promise.all(identities.map((identity) => aRawStation({ port: gateway.port, identity, password: passwords.get(identity) ?? '' })));
    await Promise.all(stations.map(async (station) => {
      for (let connectorId = 1; connectorId <= 10; connectorId += 1) station.send([2, `c${connectorId}`, 'StatusNotification', { connectorId, errorCode: 'NoError', status: 'Available' }]);
      for (let connectorId = 1; connectorId <= 10; connectorId += 1) expect((await station.answer(`c${connectorId}`))[0]).toBe(3);
      station.ws.terminate();
    }));
    expect(await platform.sql(`SELECT count(*)::int AS n FROM connector c JOIN station s ON s.id = c.station_id WHERE s.identity LIKE 'FIRST-%' AND c.status = 'Available'`)).toEqual([{ n: 200 }]);
  });

  it('two hundred stations that nobody registered knock at once, each gets its 401 and a line, and a registered one is served meanwhile', async () => {
    const known = await charger('MEANWHILE');
    const knocks = Promise.all(Array.from({ length: 200 }, async (_, n) => {
      const identity = `STRANGER-${n}`;
      const { status, socket } = await rawUpgrade({ port: gateway.port, target: `/ocpp/${identity}`, headers: { 'Sec-WebSocket-Protocol': 'ocpp1.6', ...basic(identity, 'x') } });
      socket.destroy();
      return status;
    }));
    expect(await known.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' })).toEqual({});
    expect(new Set(await knocks)).toEqual(new Set([401]));
    await eventually(() => platform.sql<{ n: number }>(`SELECT count(*)::int AS n FROM knocking_station WHERE identity LIKE 'STRANGER-%' AND reason = 'unknown-station'`), ([row]) => row?.n === 200);
    await known.close();
  });
});
