import type { DeviationKind } from './deviation.ts';

/** A measurand whose unit is not what the station says it is. */
export interface UnitCorrection {
  measurand: string;
  /** The unit as it is sent, any case; '' where none is. */
  said: string;
  meant: 'Wh' | 'kWh' | 'W' | 'kW';
}

/**
 * What one vendor's firmware is known to do differently. Everything but `id`, `vendor`, `why` and `source` is optional; a pattern that is absent
 * matches everything. Patterns are held against BootNotification, as the books remember it.
 */
export interface ToleranceEntry {
  id: string;
  vendor: RegExp;
  model?: RegExp;
  firmware?: RegExp;
  /** For a person: what it does, and what we do about it. */
  why: string;
  /** Where it was seen. */
  source: string;
  /** Deviations of handling `by-entry` that are understood. */
  understands?: readonly DeviationKind[];
  units?: readonly UnitCorrection[];
  /** The unit of meterStart and meterStop, which have none of their own (1.6: Wh). */
  registersIn?: 'kWh';
  /** CALLERROR codes that this client cannot take, and what it is told instead. */
  errorCodes?: Readonly<Record<string, string>>;
  /** `cut`: a closing handshake would keep it away, so its socket is cut. */
  closing?: 'cut';
  /** What is spoken with it where it names no subprotocol. */
  withoutSubprotocol?: 'ocpp1.6';
}

/** The table. Adding one: docs/extending.md. */
export const toleranceEntries: readonly ToleranceEntry[] = [
  {
    id: 'openevse-kwh', vendor: /^OpenEVSE$/i, firmware: /^v?4\.(0|1|2\.[0-2])(\D|$)/i,
    why: 'sends its register in kWh and calls it Wh', source: 'OpenEVSE/openevse_esp32_firmware#703',
    units: [{ measurand: 'Energy.Active.Import.Register', said: 'Wh', meant: 'kWh' }], registersIn: 'kWh',
  },
  {
    id: 'grizzl-e-without-subprotocol', vendor: /^United ?Chargers/i, firmware: /^0?5\.[56]/,
    why: 'connects without Sec-WebSocket-Protocol and speaks 1.6', source: 'lbbrhzn/ocpp#442, steve-community/steve#1109', withoutSubprotocol: 'ocpp1.6',
  },
  {
    id: 'wegood-stays-away', vendor: /jigu|wegood/i,
    why: 'never comes back after a closing handshake, so its socket is cut', source: 'lbbrhzn/ocpp#1975', closing: 'cut',
  },
  {
    id: 'ocpp-go-codes', vendor: /^vendor1$/, model: /^model1$/,
    why: 'the client library answers two error codes with an error of its own and stalls for 30 s; it is told codes that it knows', source: 'measured with ocpp-go 0.19',
    errorCodes: { OccurenceConstraintViolation: 'FormationViolation', RpcFrameworkError: 'FormatViolation', MessageTypeNotSupported: 'GenericError' },
  },
];
