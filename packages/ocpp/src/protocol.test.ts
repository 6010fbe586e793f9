import { describe, expect, it } from 'vitest';
import { actions } from './actions.ts';
import { schemaDeviations } from './deviations.ts';
import { codeOfKeyword, errorCodes, ocppVersions } from './error-codes.ts';
import { compileProtocol } from './protocol.ts';

const protocols = { 'ocpp1.6': compileProtocol('ocpp1.6'), 'ocpp2.0.1': compileProtocol('ocpp2.0.1') };

/** The codes of OCPP-J 1.6, 4.2.3, letter by letter. */
const codes16 = ['NotImplemented', 'NotSupported', 'InternalError', 'ProtocolError', 'SecurityError', 'FormationViolation', 'PropertyConstraintViolation', 'OccurenceConstraintViolation', 'TypeConstraintViolation', 'GenericError'];
/** The codes of OCPP 2.0.1 part 4, 4.3. */
const codes201 = ['FormatViolation', 'GenericError', 'InternalError', 'MessageTypeNotSupported', 'NotImplemented', 'NotSupported', 'OccurrenceConstraintViolation', 'PropertyConstraintViolation', 'ProtocolError', 'RpcFrameworkError', 'SecurityError', 'TypeConstraintViolation'];

describe('error codes', () => {
  it('G-29 each version has its own spellings and no code of the other', () => {
    expect([...new Set(Object.values(errorCodes['ocpp1.6']))].sort()).toEqual([...codes16].sort());
    expect([...new Set(Object.values(errorCodes['ocpp2.0.1']))].sort()).toEqual([...codes201].sort());
    expect(errorCodes['ocpp1.6'].malformed).toBe('FormationViolation');
    expect(errorCodes['ocpp1.6'].occurrence).toBe('OccurenceConstraintViolation');
    expect(errorCodes['ocpp2.0.1'].malformed).toBe('FormatViolation');
  });

  it('G-29 what a 1.6 station is told about a bad payload is a code that every client knows', () => {
    const safe = ['FormationViolation', 'PropertyConstraintViolation', 'TypeConstraintViolation'];
    for (const keyword of ['required', 'additionalProperties', 'type', 'enum', 'maxLength', 'format', 'minItems', 'minimum', 'multipleOf', 'anything']) {
      expect(safe).toContain(codeOfKeyword('ocpp1.6', keyword));
    }
  });
});

describe.each(ocppVersions)('%s', (version) => {
  const protocol = protocols[version];

  it('has a schema for every action in both directions, and names them by direction', () => {
    for (const action of actions[version].fromStation) expect(protocol.recognise(action)).toBe('supported');
    for (const action of actions[version].toStation) expect(protocol.asks(action)).toBe(true);
  });

  it('tells an action that the standard has from one that nobody has', () => {
    // What only we ask is in the standard, and is nothing that a station asks.
    expect(protocol.recognise('Reset')).toBe('unsupported');
    expect(protocol.recognise('MakeCoffee')).toBe('unknown');
    expect(protocol.recognise('constructor')).toBe('unknown');
  });

  it('an empty BootNotification is refused with a place and without a value', () => {
    expect(protocol.readRequest('BootNotification', {})).toMatchObject({ ok: false, violation: { keyword: 'required', description: expect.stringContaining('must have required property') } });
  });
});

describe('what is held against a 1.6 station', () => {
  const { readRequest, checkResponse } = protocols['ocpp1.6'];
  const at = '2026-11-24T10:00:00.000Z';
  const start = { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' };
  const stop = { transactionId: 7, meterStop: 10, timestamp: start.timestamp };
  const meter = (sample: object) => ({ connectorId: 1, meterValue: [{ timestamp: start.timestamp, sampledValue: [sample] }] });
  const everything = new Set<string>(schemaDeviations);

  it('a request that is right has no deviation', () => expect(readRequest('StartTransaction', { ...start })).toEqual({ ok: true, deviations: [] }));

  it.each([
    ['an extra property', 'StartTransaction', { ...start, vendorThing: 1 }, 'extra-property', '/vendorThing'],
    ['a fractional register (G-21)', 'StopTransaction', { ...stop, meterStop: 26_008.333 }, 'fractional-register', '/meterStop'],
    ['a time without a zone', 'StartTransaction', { ...start, timestamp: '2026-11-24T09:00:00' }, 'missing-zone', '/timestamp'],
    ['an unlisted unit (G-23)', 'MeterValues', meter({ value: '50.01', unit: 'Hertz', measurand: 'Frequency' }), 'unlisted-word', '/meterValue/*/sampledValue/*/unit'],
    ['a value that is a number', 'MeterValues', meter({ value: 50.01 }), 'number-as-text', '/meterValue/*/sampledValue/*/value'],
    ['an over-long text (G-23)', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', info: 'x'.repeat(101) }, 'long-text', '/info'],
    ['a null where nothing is meant', 'StopTransaction', { ...stop, idTag: null, reason: null }, 'null-property', '/idTag'],
    ['a vendor code that is a number', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available', vendorErrorCode: 17 }, 'number-as-text', '/vendorErrorCode'],
  ])('%s is accepted from everybody, and named with its place', (_what, action, request, kind, place) => {
    const read = readRequest(action, structuredClone(request));
    expect(read.ok).toBe(true);
    expect(read.deviations).toContainEqual({ kind, place });
  });

  it('what is accepted as it is stays as it was said; a null is taken away and a describing word gets its spelling', () => {
    const fractional = { ...stop, meterStop: 26_008.333, reason: null };
    readRequest('StopTransaction', fractional);
    expect(fractional).toEqual({ transactionId: 7, meterStop: 26_008.333, timestamp: start.timestamp });
    const samples = meter({ value: '5', measurand: 'energy.active.import.register', unit: 'KWH' });
    readRequest('MeterValues', samples);
    expect(samples.meterValue[0]?.sampledValue[0]).toEqual({ value: '5', measurand: 'Energy.Active.Import.Register', unit: 'kWh' });
  });

  it.each([
    ['a card number that is too long', 'StartTransaction', { ...start, idTag: 'x'.repeat(21) }, 'PropertyConstraintViolation', 'long-card', { idTag: 'x'.repeat(21) }],
    ['a card that is a number', 'StartTransaction', { ...start, idTag: 4711 }, 'TypeConstraintViolation', 'number-as-card', { idTag: '4711' }],
    ['a thirteenth month', 'StartTransaction', { ...start, timestamp: '2026-13-24T09:00:00Z' }, 'PropertyConstraintViolation', 'unreadable-time', { timestamp: at }],
    ['a register in words', 'StartTransaction', { ...start, meterStart: 'zero' }, 'TypeConstraintViolation', 'unreadable-register', { meterStart: Number.NaN }],
    ['a connector in quotes', 'StartTransaction', { ...start, connectorId: '1' }, 'TypeConstraintViolation', 'text-as-number', { connectorId: 1 }],
    ['no card, beside something tolerable', 'StartTransaction', { connectorId: 1, meterStart: 0.5, timestamp: start.timestamp }, 'FormationViolation', 'missing-property', { idTag: '' }],
    ['a status in lower case', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'available' }, 'PropertyConstraintViolation', 'word-case', { status: 'Available' }],
  ])('%s is refused, unless an entry names it', (_what, action, request, code, kind, mended) => {
    expect(readRequest(action, structuredClone(request))).toMatchObject({ ok: false, violation: { code } });
    const payload: Record<string, unknown> = structuredClone(request);
    expect(readRequest(action, payload, new Set([kind]), new Date(at))).toMatchObject({ ok: true });
    expect(payload).toMatchObject(mended);
  });

  it.each([
    ['a status that nobody has', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Sleeping' }],
    ['no connector', 'StartTransaction', { idTag: 'CARD', meterStart: 0, timestamp: start.timestamp }],
    ['a connector in words', 'StartTransaction', { ...start, connectorId: 'left' }],
    ['a list for a register', 'StartTransaction', { ...start, meterStart: [0] }],
  ])('%s is understood by nobody', (_what, action, request) => expect(readRequest(action, request, everything, new Date(at)).ok).toBe(false));

  it('our own answers have no such mercy', () => {
    expect(checkResponse('Heartbeat', { currentTime: '2026-11-24T09:00:00Z', more: 1 })).not.toBeNull();
  });
});

it('a malformed customData of 2.0.1 costs no event', () => {
  const event = { eventType: 'Updated', timestamp: '2026-11-24T09:00:00Z', triggerReason: 'MeterValuePeriodic', seqNo: 1, transactionInfo: { transactionId: 't' }, customData: { odd: [1] } };
  expect(protocols['ocpp2.0.1'].readRequest('TransactionEvent', event)).toMatchObject({ ok: true });
});
