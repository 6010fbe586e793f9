import { actions, decodeFrame, errorCodes, type OcppVersion } from '@csms/ocpp';
import { brokenFrame, brokenRequest, validRequest } from '@csms/ocpp/testing/schema-arbitrary';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRawStation, until, type RawStation } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

/* What real and broken chargers do differently, against a gateway as it is deployed. */
let platform: Platform;
let gateway: GatewayProcess;
beforeAll(async () => { platform = await openPlatform(); gateway = await platform.startGateway({ CSMS_MESSAGES_PER_SECOND: '100000', CSMS_MESSAGES_BURST: '100000' }); });
afterAll(() => platform?.close());

async function station(identity: string, version: OcppVersion = 'ocpp1.6'): Promise<RawStation> {
  const passwords = await platform.register(identity);
  return aRawStation({ port: gateway.port, identity, password: passwords.get(identity) ?? '', protocols: [version] });
}
const again = (identity: string): Promise<RawStation> => aRawStation({ port: gateway.port, identity, password: secrets.get(identity) ?? '', protocols: ['ocpp1.6'] });
const secrets = new Map<string, string>();
const at = (minute: number): string => `2026-11-24T09:${String(minute).padStart(2, '0')}:00Z`;
const quirks = (identity: string) => platform.sql<{ kind: string; times: string }>(`SELECT q.kind, q.times FROM station_quirk q JOIN station s ON s.id = q.station_id WHERE s.identity = $1 ORDER BY q.kind`, [identity]);
const frames = (identity: string) => platform.sql<{ action: string; outcome: string; is_fact: boolean; frame: string; times: string }>(
  `SELECT q.* FROM quarantined_frame q JOIN station s ON s.id = q.station_id WHERE s.identity = $1 ORDER BY q.first_at, q.id`, [identity]);

describe('a make that the table knows', () => {
  it('G-18 is billed in Wh though it calls its kWh Wh, also after a reconnect without a boot (G-39), and shows in the counts', async () => {
    secrets.set('OPENEVSE', (await platform.register('OPENEVSE')).get('OPENEVSE') ?? '');
    const first = await again('OPENEVSE');
    first.send([2, 'b', 'BootNotification', { chargePointVendor: 'OpenEVSE', chargePointModel: 'Advanced Series', firmwareVersion: '4.2.2' }]);
    await first.answer('b');
    first.ws.close();
    await until(() => first.closed.length > 0);
    const second = await again('OPENEVSE');
    second.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 361, timestamp: at(0) }]);
    const { transactionId } = (await second.answer('s'))[2] as { transactionId: number };
    second.send([2, 'm', 'MeterValues', { connectorId: 1, transactionId, meterValue: [{ timestamp: at(5), sampledValue: [{ value: '362', unit: 'Wh', measurand: 'Energy.Active.Import.Register' }] }] }]);
    await second.answer('m');
    second.send([2, 'e', 'StopTransaction', { transactionId, meterStop: 363.5, timestamp: at(10) }]);
    expect((await second.answer('e'))[0]).toBe(3);
    expect(await platform.sql(`SELECT s.energy_wh, b.energy_wh AS billed FROM session s JOIN bill b ON b.session_id = s.id WHERE s.transaction_ref = $1`, [String(transactionId)])).toEqual([{ energy_wh: 2_500, billed: 2_500 }]);
    expect(await platform.sql(`SELECT register_wh, other->'Energy.Active.Import.Register'->>'value' AS raw, other->'Energy.Active.Import.Register'->>'unit' AS unit FROM meter_value WHERE transaction_ref = $1 AND at = $2`, [String(transactionId), at(5)]))
      .toEqual([{ register_wh: 362_000, raw: '362', unit: 'Wh' }]);
    expect(await eventually(() => quirks('OPENEVSE'), (rows) => rows.length >= 3)).toEqual([{ kind: 'fractional-register', times: '1' }, { kind: 'mislabelled-unit', times: '3' }, { kind: 'no-boot', times: '1' }]);
  });
});

describe('a make that nobody knows', () => {
  it('G-21 G-23 loses no fact: what is understood is on the books, what is not is in quarantine before it is answered, and in the end counts', async () => {
    const charger = await station('STRANGER');
    charger.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-2', meterStart: 0.25, timestamp: '2026-11-24T09:00:00', vendorNote: 'x'.repeat(99) }]);
    const { transactionId } = (await charger.answer('s'))[2] as { transactionId: number };
    const stop = { transactionId: String(transactionId), meterStop: '1500.25', timestamp: at(10) };
    for (let attempt = 1; attempt <= 3; attempt += 1) {
      charger.send([2, `e${attempt}`, 'StopTransaction', stop]);
      expect((await charger.answer(`e${attempt}`)).slice(0, 3)).toEqual([4, `e${attempt}`, 'TypeConstraintViolation']);
      expect(await frames('STRANGER')).toContainEqual(expect.objectContaining({ action: 'StopTransaction', outcome: 'refused', is_fact: true, times: String(attempt), frame: JSON.stringify([2, 'e1', 'StopTransaction', stop]) }));
    }
    charger.send([2, 'e4', 'StopTransaction', stop]);
    expect((await charger.answer('e4'))[0]).toBe(3);
    expect(await platform.sql('SELECT state, energy_wh FROM session WHERE transaction_ref = $1', [String(transactionId)])).toEqual([{ state: 'ended', energy_wh: 1_500 }]);
    await eventually(() => frames('STRANGER'), (rows) => rows.some((row) => row.is_fact && row.outcome === 'repaired'));
    expect((await eventually(() => quirks('STRANGER'), (rows) => rows.some(({ kind }) => kind === 'last-resort'))).map(({ kind }) => kind))
      .toEqual(expect.arrayContaining(['extra-property', 'fractional-register', 'last-resort', 'missing-zone', 'not-understood', 'text-as-number']));
  });

  it('an incomplete boot is refused with a code of its dialect and changes nothing; a complete one follows on the same socket', async () => {
    for (const version of ['ocpp1.6', 'ocpp2.0.1'] as const) {
      const charger = await station(`BOOT-${version}`, version);
      const broken: unknown[] = [{}, { chargePointVendor: 'V' }, { chargePointModel: 'M' }, { reason: 'PowerUp' }, { reason: 'PowerUp', chargingStation: null }, { reason: 'PowerUp', chargingStation: { model: 'M' } }];
      for (const [n, payload] of broken.entries()) {
        charger.send([2, `b${n}`, 'BootNotification', payload]);
        const [type, , code] = await charger.answer(`b${n}`);
        expect([type, Object.values(errorCodes[version])]).toEqual([4, expect.arrayContaining([code])]);
      }
      const [{ booted } = { booted: 'x' }] = await platform.sql<{ booted: string | null }>('SELECT booted_at AS booted FROM station WHERE identity = $1', [`BOOT-${version}`]);
      expect(booted).toBeNull();
      charger.send([2, 'ok', 'BootNotification', version === 'ocpp1.6' ? { chargePointVendor: '', chargePointModel: 'ACChargePoint' } : { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M' } }]);
      expect((await charger.answer('ok'))[2]).toMatchObject({ status: 'Accepted' });
    }
  });

  it('a call repeated with its id after an error is another call, and is answered well', async () => {
    const charger = await station('SAME-ID');
    charger.send([2, 'x', 'StartTransaction', { connectorId: 1 }]);
    await until(() => charger.received.length === 1);
    charger.send([2, 'x', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: at(1) }]);
    await until(() => charger.received.length === 2);
    expect(charger.received.map(([type]) => type)).toEqual([4, 3]);
  });

  it('a time of the year 222222017 is refused or taken, and either way the station, its lists and its next messages go on', async () => {
    const charger = await station('POISON');
    const poison = '+222222017-01-01T00:00:00.000Z';
    const calls: [string, unknown][] = [
      ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', timestamp: poison }], ['MeterValues', { connectorId: 1, meterValue: [{ timestamp: poison, sampledValue: [{ value: '5' }] }] }],
      ['StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: poison }], ['StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '9999-12-31T23:59:59Z' }], ['Heartbeat', {}],
    ];
    for (const [n, [action, payload]] of calls.entries()) charger.send([2, `p${n}`, action, payload]);
    await until(() => charger.received.length === calls.length);
    expect(charger.received.map(([type]) => type)).toEqual([4, 4, 4, 3, 3]);
    expect((await frames('POISON')).filter((row) => row.is_fact).map((row) => row.action)).toEqual(['MeterValues', 'StartTransaction']);
    expect(await platform.sql(`SELECT 1 FROM session s JOIN station st ON st.id = s.station_id WHERE st.identity = 'POISON' AND 'clock-wrong' = ANY(s.flags)`)).toHaveLength(1);
  });
});

describe('C-09 what a socket may say', () => {
  it('nesting beyond 32 and __proto__ are told so, an action that nobody has is NotImplemented, one of the standard that we do not speak is NotSupported', async () => {
    const charger = await station('SHAPES', 'ocpp2.0.1');
    const deep = `${'{"a":'.repeat(40)}1${'}'.repeat(40)}`;
    charger.send(`[2,"deep","Heartbeat",{"customData":${deep}}]`);
    charger.send('[2,"proto","Heartbeat",{"__proto__":{"admin":true}}]');
    charger.send([2, 'who', 'MakeCoffee', {}]);
    charger.send([2, 'later', 'NotifyReport', {}]);
    charger.send([2, 'ours', 'GetVariables', {}]);
    const code = async (id: string) => (await charger.answer(id))[2];
    expect([await code('deep'), await code('proto'), await code('who'), await code('later'), await code('ours')]).toEqual(['FormatViolation', 'FormatViolation', 'NotImplemented', 'NotSupported', 'NotSupported']);
  });

  it('a message of 64 KiB is read, one beyond closes its own socket with 1009', async () => {
    const charger = await station('LARGE');
    const frame = (bytes: number) => { const empty = JSON.stringify([2, 'l', 'DataTransfer', { vendorId: 'v', data: '' }]); return JSON.stringify([2, 'l', 'DataTransfer', { vendorId: 'v', data: 'x'.repeat(bytes - empty.length) }]); };
    charger.send(frame(65_536));
    expect((await charger.answer('l'))[0]).toBe(3);
    charger.send(frame(65_537));
    await until(() => charger.closed.length > 0);
    expect(charger.closed).toEqual([1009]);
  });

  it('thousands of messages made from the schemas, good and broken, are each answered once by a process that stays up', async () => {
    const total = Number(process.env['CSMS_FUZZ_SOCKET_MESSAGES'] ?? 240);
    for (const version of ['ocpp1.6', 'ocpp2.0.1'] as const) {
      const charger = await station(`FUZZ-${version}`, version);
      const each = fc.oneof(...actions[version].fromStation.flatMap((action) => [validRequest(version, action), brokenRequest(version, action)].map((request) => request.map((payload) => ({ action, payload }) as { action: string; payload: unknown; text?: string }))),
        brokenFrame('noise', 'Heartbeat').map((text) => ({ action: '', payload: null, text })));
      let due = 0;
      let unreadable = 0;
      const said = fc.sample(each, { numRuns: total / 2, seed: 20_261_124 }).map(({ action, payload, text }, n) => text ?? JSON.stringify([2, `n${n}`, action, payload])).filter((text) => Buffer.byteLength(text) <= 65_536);
      for (const text of said) {
        const decoded = decodeFrame(text);
        if ((decoded.ok && decoded.frame.kind === 'call') || (!decoded.ok && decoded.answerTo !== null)) due += 1;
        if (!decoded.ok && decoded.problem !== 'empty' && decoded.problem !== 'unknown-message-type') unreadable += 1;
        // Twenty unreadable messages close a socket; noise is let in up to that.
        if (unreadable > 20) { unreadable -= 1; if (!decoded.ok && decoded.answerTo !== null) due -= 1; continue; }
        charger.send(text);
      }
      await until(() => charger.received.length >= due);
      charger.send([2, 'last', 'Heartbeat', {}]);
      expect((await charger.answer('last'))[0]).toBe(3);
      expect(charger.received.length).toBe(due + 1);
      expect(charger.received.filter(([type]) => type === 3).length).toBeGreaterThan(due * 0.4);
      expect(charger.received.filter(([type, , code]) => type === 4 && code === 'InternalError')).toEqual([]);
      expect(charger.closed).toEqual([]);
    }
    expect(gateway.process.exitCode).toBeNull();
  });
});
