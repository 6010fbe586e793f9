import type { ErrorObject } from 'ajv';

/**
 * How a station's request may differ from its schema and still be understood. `safe`: nothing about who pays, how much or when hangs on a guess, and a
 * CALLERROR would make the station drop the fact for ever (G-21, G-23), so it is accepted from everybody. `named`: reading it is a judgement about the
 * firmware; it is accepted where an entry names it, and otherwise as the last resort for a transaction message that is kept in quarantine already.
 * docs/tolerance.md has the rule.
 */
export const deviationClasses = {
  'extra-property': 'safe', 'long-text': 'safe', 'unlisted-word': 'safe', 'fractional-register': 'safe', 'number-as-text': 'safe', 'null-property': 'safe', 'empty-list': 'safe', 'missing-zone': 'safe',
  'word-case': 'named', 'text-as-number': 'named', 'long-card': 'named', 'number-as-card': 'named', 'missing-property': 'named', 'unreadable-time': 'named', 'unreadable-register': 'named',
} as const satisfies Record<string, 'safe' | 'named'>;

export type SchemaDeviation = keyof typeof deviationClasses;
export const schemaDeviations = Object.keys(deviationClasses) as SchemaDeviation[];

/** One difference, and where: a JSON pointer (RFC 6901) into the payload, with the places of a list as `*`. Never a value. */
export interface Deviation { kind: SchemaDeviation; place: string }

/** A deviation that a schema error stands for, and what makes the payload whole; null where the payload is used as it is. */
export interface Recognised { kind: SchemaDeviation; repair: ((payload: unknown) => void) | null }

type SchemaError = Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'data'>;

/** Texts that say who pays or which transaction is meant: never shortened, guessed or passed over. */
const cardFields = ['idTag', 'parentIdTag', 'idToken', 'transactionId'];
/** Words that describe and decide nothing; the books keep what they do not know. */
const describing = ['unit', 'measurand', 'context', 'location', 'phase', 'format', 'errorCode', 'reason', 'stoppedReason', 'triggerReason'];
const lists = ['sampledValue', 'meterValue', 'transactionData'];
const registers = ['meterStart', 'meterStop'];

/** What stands in for a property that is missing: nothing known, never something favourable. `at` is the time of receipt, RFC 3339. */
const standIns: Record<string, (at: string) => unknown> = {
  timestamp: (at) => at, errorCode: () => 'NoError', idTag: () => '', meterStart: () => Number.NaN, meterStop: () => Number.NaN, transactionId: () => 0,
};

/** Which deviation a schema error is, or null where the payload cannot be understood. `at` stands in for a time that cannot be read. */
export function recogniseDeviation(error: SchemaError, at: string): Recognised | null {
  const steps = error.instancePath.split('/').slice(1).map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  const field = steps.at(-1) ?? '';
  const card = cardFields.includes(field);
  // What a vendor adds of its own decides nothing, however malformed.
  if (steps.includes('customData')) return { kind: 'extra-property', repair: null };
  if (error.data === null && steps.length > 0) return { kind: 'null-property', repair: (payload) => remove(payload, steps) };
  const put = (value: unknown) => (payload: unknown): void => set(payload, steps, value);
  switch (error.keyword) {
    case 'additionalProperties': return { kind: 'extra-property', repair: null };
    case 'maxLength': return { kind: card ? 'long-card' : 'long-text', repair: null };
    case 'enum': {
      const word = listedWord(error);
      if (word !== null) return { kind: describing.includes(field) ? 'unlisted-word' : 'word-case', repair: put(word) };
      return describing.includes(field) && typeof error.data === 'string' ? { kind: 'unlisted-word', repair: null } : null;
    }
    // A moment without a sample says nothing, and the others of its list do (lbbrhzn/ocpp#466).
    case 'minItems': return lists.includes(field) ? { kind: 'empty-list', repair: null } : null;
    case 'format': return field === 'timestamp' && typeof error.data === 'string' ? { kind: 'unreadable-time', repair: put(at) } : null;
    case 'required': {
      const missing = String((error.params as { missingProperty?: unknown }).missingProperty);
      const standIn = standIns[missing];
      return standIn === undefined ? null : { kind: 'missing-property', repair: (payload) => set(payload, [...steps, missing], standIn(at)) };
    }
    case 'type': return ofType(error, field, card, at, put);
    default: return null;
  }
}

function ofType(error: SchemaError, field: string, card: boolean, at: string, put: (value: unknown) => (payload: unknown) => void): Recognised | null {
  const wanted = (error.params as { type?: unknown }).type;
  const { data } = error;
  if (registers.includes(field) && typeof data === 'number') return { kind: Number.isFinite(data) ? 'fractional-register' : 'unreadable-register', repair: null };
  if (wanted === 'string' && typeof data === 'number' && Number.isFinite(data)) {
    // A sample's value stays the number it was: whoever reads samples reads both.
    if (field === 'value') return { kind: 'number-as-text', repair: null };
    if (field === 'timestamp') return { kind: 'unreadable-time', repair: put(at) };
    return { kind: card ? 'number-as-card' : 'number-as-text', repair: put(String(data)) };
  }
  if ((wanted === 'integer' || wanted === 'number') && typeof data === 'string') {
    const number = /^\s*[+-]?\d{1,15}(\.\d{1,15})?\s*$/.test(data) ? Number(data) : null;
    if (number !== null && (wanted === 'number' || Number.isInteger(number) || registers.includes(field))) return { kind: 'text-as-number', repair: put(number) };
    return registers.includes(field) ? { kind: 'unreadable-register', repair: put(Number.NaN) } : null;
  }
  return null;
}

/** The place of an error without the numbers of its list, so that all samples of a list are one place. */
export function placeOf(error: SchemaError): string {
  const extra = (error.params as { additionalProperty?: unknown; missingProperty?: unknown });
  const last = error.keyword === 'additionalProperties' ? `/${String(extra.additionalProperty)}` : error.keyword === 'required' ? `/${String(extra.missingProperty)}` : '';
  return `${error.instancePath}${last}`.replaceAll(/\/\d+(?=\/|$)/g, '/*').slice(0, 100);
}

/** The listed word that this one is, but for its case; null where it is none or could be two. */
function listedWord(error: SchemaError): string | null {
  const { data } = error;
  const allowed: unknown = (error.params as { allowedValues?: unknown }).allowedValues;
  if (typeof data !== 'string' || !Array.isArray(allowed)) return null;
  const alike = allowed.filter((word): word is string => typeof word === 'string' && word.toLowerCase() === data.trim().toLowerCase());
  return alike.length === 1 ? (alike[0] ?? null) : null;
}

function parentOf(payload: unknown, steps: string[]): Record<string, unknown> | null {
  let node: unknown = payload;
  for (const step of steps.slice(0, -1)) {
    if (typeof node !== 'object' || node === null || !Object.hasOwn(node, step)) return null;
    node = (node as Record<string, unknown>)[step];
  }
  return typeof node === 'object' && node !== null ? node as Record<string, unknown> : null;
}

function set(payload: unknown, steps: string[], value: unknown): void {
  const parent = parentOf(payload, steps);
  const last = steps.at(-1);
  if (parent !== null && last !== undefined) parent[last] = value;
}

/** An optional property that is null was meant to be absent; in a list it stays. */
function remove(payload: unknown, steps: string[]): void {
  const parent = parentOf(payload, steps);
  const last = steps.at(-1);
  if (parent !== null && last !== undefined && !Array.isArray(parent)) delete parent[last];
}
