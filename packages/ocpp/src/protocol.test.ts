import { describe, expect, it } from 'vitest';
import { actions } from './actions.ts';
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
    expect(protocol.recognise('FirmwareStatusNotification')).toBe('unsupported');
    expect(protocol.recognise('MakeCoffee')).toBe('unknown');
    expect(protocol.recognise('constructor')).toBe('unknown');
  });

  it('an empty BootNotification is refused with a place and without a value', () => {
    expect(protocol.checkRequest('BootNotification', {})).toMatchObject({ keyword: 'required', description: expect.stringContaining('must have required property') });
  });
});

describe('what is held against a 1.6 station', () => {
  const { checkRequest } = protocols['ocpp1.6'];
  const start = { connectorId: 1, idTag: 'CARD', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' };

  it.each([
    ['an extra property', { ...start, vendorThing: 1 }],
    ['a fractional register', { ...start, meterStart: 26_008.333 }],
    ['a time without a zone', { ...start, timestamp: '2026-11-24T09:00:00' }],
  ])('%s is let through', (_what, request) => expect(checkRequest('StartTransaction', request)).toBeNull());

  it.each([
    ['a card number that is too long', { ...start, idTag: 'x'.repeat(21) }, 'PropertyConstraintViolation'],
    ['a thirteenth month', { ...start, timestamp: '2026-13-24T09:00:00Z' }, 'PropertyConstraintViolation'],
    ['a register in words', { ...start, meterStart: 'zero' }, 'TypeConstraintViolation'],
    ['no card, beside something tolerable', { connectorId: 1, meterStart: 0.5, timestamp: start.timestamp }, 'FormationViolation'],
  ])('%s is refused', (_what, request, code) => expect(checkRequest('StartTransaction', request)).toMatchObject({ code }));

  it('an unlisted unit and a numeric value of a sample are let through', () => {
    const sample = { value: 50.01, unit: 'Hertz', measurand: 'Frequency' };
    expect(checkRequest('MeterValues', { connectorId: 1, meterValue: [{ timestamp: start.timestamp, sampledValue: [sample] }] })).toBeNull();
  });

  it('our own answers have no such mercy', () => {
    expect(protocols['ocpp1.6'].checkResponse('Heartbeat', { currentTime: '2026-11-24T09:00:00Z', more: 1 })).not.toBeNull();
  });
});
