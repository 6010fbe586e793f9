import type { ImportKind } from '@csms/contracts/http/imports';
import type { z } from 'zod';

type Cells = ReadonlyMap<string, string>;
/** A kind of file: its columns, in the words of its header, and a row as the API takes it. */
export interface ImportFile { columns: { required: readonly string[]; optional: readonly string[] }; rowOf(cells: Cells): Record<string, unknown> }

const text = (cells: Cells, name: string): string | null => cells.get(name) ?? null;

/** A number, or the words that stand there, which the API refuses with the name of the field. */
const number = (cells: Cells, name: string): number | string | null => {
  const given = text(cells, name);
  return given === null || !/^-?\d+(\.\d+)?$/.test(given) ? given : Number(given);
};

/** `2026-03-01 08:00:00` is UTC, as the documented export writes it; with an offset it is what it says. */
const time = (cells: Cells, name: string): string | null => {
  const given = text(cells, name);
  if (given === null || !/^\d{4}-\d\d-\d\d/.test(given)) return given;
  const spelled = given.replace(' ', 'T');
  const parsed = new Date(/[zZ]|[+-]\d\d:?\d\d$/.test(spelled.slice(10)) ? spelled : `${spelled.length === 10 ? `${spelled}T00:00:00` : spelled}Z`);
  return Number.isNaN(parsed.getTime()) ? given : parsed.toISOString();
};

export const importFiles: Record<z.infer<typeof ImportKind>, ImportFile> = {
  drivers: {
    columns: { required: ['ref', 'name'], optional: ['email', 'phone', 'valid_from', 'valid_until'] },
    rowOf: (cells) => ({ ref: text(cells, 'ref'), name: text(cells, 'name'), email: text(cells, 'email'), phone: text(cells, 'phone'), validFrom: time(cells, 'valid_from'), validUntil: time(cells, 'valid_until') }),
  },
  cards: {
    columns: { required: ['card'], optional: ['driver_ref', 'driver_name', 'group', 'status', 'valid_from', 'valid_until'] },
    rowOf: (cells) => ({
      uid: text(cells, 'card'), driverRef: text(cells, 'driver_ref'), driverName: text(cells, 'driver_name'), group: text(cells, 'group'), status: text(cells, 'status') ?? 'active',
      validFrom: time(cells, 'valid_from'), validUntil: time(cells, 'valid_until'),
    }),
  },
  transactions: {
    columns: { required: ['ref', 'station', 'card', 'started_at', 'ended_at'], optional: ['connector', 'meter_start_wh', 'meter_stop_wh', 'energy_kwh', 'amount', 'currency'] },
    rowOf: (cells) => {
      const [start, stop, kwh] = [number(cells, 'meter_start_wh'), number(cells, 'meter_stop_wh'), number(cells, 'energy_kwh')];
      const fromRegisters = typeof start === 'number' && typeof stop === 'number' ? stop - start : null;
      return {
        ref: text(cells, 'ref'), station: text(cells, 'station'), connectorId: number(cells, 'connector') ?? 1, uid: text(cells, 'card'), startedAt: time(cells, 'started_at'), endedAt: time(cells, 'ended_at'),
        meterStartWh: start, meterStopWh: stop, energyWh: typeof kwh === 'number' ? Math.round(kwh * 1_000) : kwh ?? fromRegisters, amountMinor: number(cells, 'amount'), currency: text(cells, 'currency'),
      };
    },
  },
};
