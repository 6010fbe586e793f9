import { expect, it } from 'vitest';
import { deviations } from './deviation.ts';
import { toleranceEntries, type ToleranceEntry } from './entries.ts';
import { registerWh, strict, toleranceOf } from './tolerance-of.ts';

it('a station that nobody knows, or that never said who made it, is met strictly', () => {
  expect(toleranceOf({ vendor: 'Nobody', model: 'N1', firmware: '1.0' })).toBe(strict);
  expect(toleranceOf({ vendor: null, model: null, firmware: null })).toBe(strict);
});

it('an entry is found by vendor, model and firmware, and only by all that it names', () => {
  expect(toleranceOf({ vendor: 'OpenEVSE', model: 'Advanced Series', firmware: '4.2.2' })).toMatchObject({ registersIn: 'kWh', units: [{ said: 'Wh', meant: 'kWh' }] });
  expect(toleranceOf({ vendor: 'OpenEVSE', model: 'Advanced Series', firmware: '4.2.10' })).toBe(strict);
  expect(toleranceOf({ vendor: 'OpenEVSE', model: 'Advanced Series', firmware: '5.0.0' })).toBe(strict);
  expect(toleranceOf({ vendor: 'OpenEVSE', model: 'Advanced Series', firmware: null })).toBe(strict);
  expect(toleranceOf({ vendor: 'United Chargers', model: 'GRS-*', firmware: '05.653:GCW-10.17-05.3:7452:B29A' }).withoutSubprotocol).toBe('ocpp1.6');
  expect(toleranceOf({ vendor: 'JIGU', model: 'WeGood', firmware: 'V1.4' }).closing).toBe('cut');
  expect(toleranceOf({ vendor: 'vendor1', model: 'model1', firmware: null }).errorCodes['OccurenceConstraintViolation']).toBe('FormationViolation');
});

it('the entries of a station add up', () => {
  const table: ToleranceEntry[] = [
    { id: 'a', vendor: /^ACME/, why: 'a', source: 'a', understands: ['word-case'], errorCodes: { X: 'Y' } },
    { id: 'b', vendor: /^ACME/, model: /^Z/, why: 'b', source: 'b', understands: ['text-as-number'], errorCodes: { X: 'Z' } },
  ];
  const { entries, understands, errorCodes } = toleranceOf({ vendor: 'ACME', model: 'Z9', firmware: null }, table);
  expect({ ids: entries.map((entry) => entry.id), understands: [...understands], errorCodes }).toEqual({ ids: ['a', 'b'], understands: ['word-case', 'text-as-number'], errorCodes: { X: 'Z' } });
});

it('a register in kWh is exact in Wh', () => {
  expect(registerWh({ ...strict, registersIn: 'kWh' }, 361)).toBe(361_000);
  expect(registerWh({ ...strict, registersIn: 'kWh' }, 26.008333)).toBe(26_008.333);
  expect(registerWh(strict, 361.5)).toBe(361.5);
});

it('every entry of the table can be told apart and understands only what is by entry', () => {
  expect(new Set(toleranceEntries.map((entry) => entry.id)).size).toBe(toleranceEntries.length);
  for (const entry of toleranceEntries) {
    for (const kind of entry.understands ?? []) expect(deviations[kind].handling).toBe('by-entry');
    expect([entry.understands, entry.units, entry.registersIn, entry.errorCodes, entry.closing, entry.withoutSubprotocol].some((part) => part !== undefined)).toBe(true);
  }
});
