import { describe, expect, it } from 'vitest';
import { CsvFault, readCsv } from './csv.ts';
import { importFiles } from './import-files.ts';

const columns = { required: ['ref', 'name'], optional: ['email'] };
const read = (text: string): [number, Record<string, string>][] => readCsv(text, columns).map(({ line, cells }) => [line, Object.fromEntries(cells)]);

describe('a file of rows', () => {
  it('is read as spreadsheets and MariaDB write it, with the lines that an editor shows', () => {
    expect(read('\uFEFFref,name,email\r\n1,"Sari, of ""Bandung""",\\N\r\n\r\n2,"two\nlines", b@x \r\n3,Budi')).toEqual([
      [2, { ref: '1', name: 'Sari, of "Bandung"' }], [4, { ref: '2', name: 'two\nlines', email: 'b@x' }], [6, { ref: '3', name: 'Budi' }],
    ]);
  });
  it.each([
    ['', 'the file is empty'], ['name\nx', 'line 1: the header has no ref; it may have ref, name, email'], ['ref,name,colour\n', 'nobody knows the column "colour"'], ['ref,name,name\n', 'is there twice'],
    ['ref,name\n1,a,b\n', 'line 2 has 3 cells, and the header 2'], ['ref,name\n1,"a\n', 'line 2: a quote is never closed'],
  ])('%j is refused: %s', (text, message) => {
    expect(() => read(text)).toThrow(CsvFault);
    expect(() => read(text)).toThrow(message);
  });
});

describe('rows as the API takes them', () => {
  const rowOf = (kind: keyof typeof importFiles, header: string, line: string): unknown => importFiles[kind].rowOf(readCsv(`${header}\n${line}`, importFiles[kind].columns)[0]!.cells);
  it('have times of the file\'s zone in UTC, energy in Wh and money in minor units', () => {
    expect(rowOf('transactions', 'ref,station,connector,card,started_at,ended_at,meter_start_wh,meter_stop_wh,energy_kwh,amount', '17,CP_1,2,04A2B6C8,2026-03-01 08:00:00,2026-03-01T09:30:00+07:00,0,5000,,12330'))
      .toEqual({ ref: '17', station: 'CP_1', connectorId: 2, uid: '04A2B6C8', startedAt: '2026-03-01T08:00:00.000Z', endedAt: '2026-03-01T02:30:00.000Z', meterStartWh: 0, meterStopWh: 5_000, energyWh: 5_000, amountMinor: 12_330, currency: null });
    expect(rowOf('transactions', 'ref,station,card,started_at,ended_at,energy_kwh', '18,CP_1,,2026-03-01 08:00:00,2026-03-01 08:30:00,12.5')).toMatchObject({ connectorId: 1, uid: null, energyWh: 12_500, meterStartWh: null, amountMinor: null });
  });
  it('keep what is no number and no time for the API to refuse, which names the field', () => {
    expect(rowOf('transactions', 'ref,station,card,started_at,ended_at,energy_kwh', '18,CP_1,,soon,2026-03-01 08:30:00,much')).toMatchObject({ startedAt: 'soon', energyWh: 'much' });
    expect(rowOf('cards', 'card,status', '04A2B6C8,on holiday')).toMatchObject({ uid: '04A2B6C8', status: 'on holiday' });
    expect(rowOf('cards', 'card', '04A2B6C8')).toEqual({ uid: '04A2B6C8', driverRef: null, driverName: null, group: null, status: 'active', validFrom: null, validUntil: null });
    expect(rowOf('drivers', 'ref,name', '1,Sari')).toEqual({ ref: '1', name: 'Sari', email: null, phone: null, validFrom: null, validUntil: null });
  });
});
