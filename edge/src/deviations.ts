import type { OutgoingCall } from './dialect/dialect.ts';
import type { Json } from './fields.ts';

/** What real chargers get wrong in their messages, for tests of a CSMS's tolerance. */
export interface Deviations {
  /** `charging` for `Charging`: status, errorCode, reason. */
  lowercaseEnums?: boolean;
  /** Local-looking times: the Z is left out. */
  missingZone?: boolean;
  /** The energy register counts kWh and says Wh. */
  wrongUnit?: boolean;
  /** A property that no schema knows. */
  extraProperties?: boolean;
  /** Registers with fractions where whole numbers are asked for. */
  floatRegisters?: boolean;
}

const enumNames = new Set(['status', 'errorCode', 'reason']);

export function isDeviant(deviations: Deviations): boolean {
  return Object.values(deviations).some(Boolean);
}

/** The call as a charger with these deviations would send it. */
export function deviate({ action, params }: OutgoingCall, deviations: Deviations): OutgoingCall {
  if (!isDeviant(deviations)) return { action, params };
  return { action, params: { ...distort(params, deviations), ...(deviations.extraProperties && { vendorSpecific: 'x' }) } };
}

function distort(json: Json, deviations: Deviations): Json {
  const distorted: { [name: string]: unknown } = {};
  for (const [name, value] of Object.entries(json)) distorted[name] = distortField(name, value, deviations);
  const isRegister = json['measurand'] === 'Energy.Active.Import.Register';
  if (deviations.wrongUnit && isRegister) distorted['value'] = String(Number(json['value']) / 1_000);
  return distorted;
}

function distortField(name: string, value: unknown, deviations: Deviations): unknown {
  if (Array.isArray(value)) return value.map((entry: unknown) => distortField(name, entry, deviations));
  if (typeof value === 'object' && value !== null) return distort({ ...value }, deviations);
  if (typeof value === 'string' && deviations.lowercaseEnums && enumNames.has(name)) return value.toLowerCase();
  if (typeof value === 'string' && deviations.missingZone && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value)) return value.slice(0, -1);
  if (typeof value === 'number' && (name === 'meterStart' || name === 'meterStop')) {
    if (deviations.wrongUnit) return Math.round(value / 1_000);
    if (deviations.floatRegisters) return value + 0.5;
  }
  return value;
}
