import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js';
import { actions } from './actions.ts';
import { deviationClasses, placeOf, recogniseDeviation, type Deviation } from './deviations.ts';
import { codeOfKeyword, errorCodes, type FaultKind, type OcppVersion } from './error-codes.ts';

/** Why a payload is refused: the CALLERROR code of the version and a sentence that names the place, never the value. */
export interface Violation { code: string; description: string; keyword: string }

export type Recognition = 'supported' | 'unsupported' | 'unknown';

/** One dialect with every schema compiled: what the gateway holds a message against. */
export interface Protocol {
  version: OcppVersion;
  /** Is this a CALL that a station may send us: supported, in the standard but not by us, or unknown to the standard. */
  recognise(action: string): Recognition;
  /** Is this a CALL of ours to a station. */
  asks(action: string): boolean;
  code(kind: FaultKind): string;
  /**
   * Reads a station's request against its schema. Deviations of class `safe` are accepted from everybody, others where `allowed` has them; what is mended
   * is mended in place. `at`, the time of receipt, stands in for a time that cannot be read. A request that is right costs one validation and nothing else.
   */
  readRequest(action: string, payload: Record<string, unknown>, allowed?: ReadonlySet<string>, at?: Date): ReadRequest;
  /** Null when our own answer to a station is valid. */
  checkResponse(action: string, payload: unknown): Violation | null;
  /** Null when our own request to a station is valid. */
  checkOutgoing(action: string, payload: unknown): Violation | null;
  /** Null when a station's answer to us is valid. */
  checkAnswer(action: string, payload: unknown): Violation | null;
}

/** A station's request as it was understood, with what was passed over or mended on the way (in place), or why it is refused. */
export type ReadRequest =
  | { ok: true; deviations: readonly Deviation[] }
  | { ok: false; violation: Violation; deviations: readonly Deviation[] };

const asWritten: ReadRequest = { ok: true, deviations: [] };

/** Rounds of mending: a mended value is held against the schema again, because a number can still be too large and a word too long. */
const roundsMax = 4;

type SchemaTable = Record<string, object>;
const tables: Record<OcppVersion, SchemaTable> = { 'ocpp1.6': { ...schemas16 }, 'ocpp2.0.1': { ...schemas201 } };

/**
 * Compiles every schema of a version that we speak, now: a schema compiled at its first use would stop the event loop in the middle of the
 * first storm. Throws when a schema is missing, which is our fault and never the charger's.
 */
export function compileProtocol(version: OcppVersion): Protocol {
  const table = tables[version];
  const strict = newAjv(false);
  const complete = newAjv(true);
  const known = new Set(Object.keys(table).filter((name) => name.endsWith('Request')).map((name) => name.slice(0, -'Request'.length)));
  const { fromStation, toStation } = actions[version];

  const requests = compileAll(strict, fromStation, 'Request');
  const requestsInFull = compileAll(complete, fromStation, 'Request');
  const responses = compileAll(strict, fromStation, 'Response');
  const outgoing = compileAll(strict, toStation, 'Request');
  const answers = compileAll(strict, toStation, 'Response');

  function compileAll(ajv: Ajv, names: readonly string[], suffix: 'Request' | 'Response'): Map<string, ValidateFunction> {
    return new Map(names.map((name) => {
      const schema = table[`${name}${suffix}`];
      if (schema === undefined) throw new Error(`${version} has no schema for ${name}${suffix}`);
      return [name, ajv.compile(schema)];
    }));
  }

  function check(validators: Map<string, ValidateFunction>, action: string, payload: unknown): ErrorObject | null {
    const validate = validators.get(action);
    if (validate === undefined) throw new Error(`${version} does not speak ${action} in this direction`);
    return validate(payload) ? null : (validate.errors?.[0] ?? null);
  }

  function readDeviating(validate: ValidateFunction, first: ErrorObject, payload: Record<string, unknown>, allowed: ReadonlySet<string>, at: Date): ReadRequest {
    const found = new Map<string, Deviation>();
    const ended = (refusedFor: ErrorObject | null): ReadRequest => {
      if (zoneMissing) found.set('zone', missingZone);
      const deviations = [...found.values()];
      return refusedFor === null ? { ok: true, deviations } : { ok: false, violation: violation(refusedFor)!, deviations };
    };
    for (let round = 1; round <= roundsMax; round += 1) {
      if (validate(payload)) return ended(null);
      const repairs: ((payload: unknown) => void)[] = [];
      for (const error of validate.errors ?? []) {
        const recognised = recogniseDeviation(error, at.toISOString());
        if (recognised === null || !(deviationClasses[recognised.kind] === 'safe' || allowed.has(recognised.kind))) return ended(error);
        const place = placeOf(error);
        if (found.size < deviationsMax) found.set(`${recognised.kind} ${place}`, { kind: recognised.kind, place });
        if (recognised.repair !== null) repairs.push(recognised.repair);
      }
      if (repairs.length === 0) return ended(null);
      for (const repair of repairs) repair(payload);
    }
    return ended(first);
  }

  function violation(error: ErrorObject | null): Violation | null {
    if (error === null) return null;
    const place = error.instancePath === '' ? 'the payload' : error.instancePath.slice(1);
    return { code: codeOfKeyword(version, error.keyword), description: `${place} ${error.message ?? 'is not valid'}`.slice(0, 255), keyword: error.keyword };
  }

  return {
    version,
    recognise: (action) => (requests.has(action) ? 'supported' : known.has(action) ? 'unsupported' : 'unknown'),
    asks: (action) => outgoing.has(action),
    code: (kind) => errorCodes[version][kind],
    readRequest: (action, payload, allowed = none, at = neverAsked) => {
      zoneMissing = false;
      const first = check(requests, action, payload);
      if (first === null) return zoneMissing ? withoutZone : asWritten;
      return readDeviating(requestsInFull.get(action)!, first, payload, allowed, at);
    },
    checkResponse: (action, payload) => violation(check(responses, action, payload)),
    checkOutgoing: (action, payload) => violation(check(outgoing, action, payload)),
    checkAnswer: (action, payload) => violation(check(answers, action, payload)),
  };
}

const none: ReadonlySet<string> = new Set();
/** Where no deviation is allowed that would ask for it. */
const neverAsked = new Date(0);
const missingZone: Deviation = { kind: 'missing-zone', place: '/timestamp' };
const withoutZone: ReadRequest = { ok: true, deviations: [missingZone] };
/** As many places of a message are named. */
const deviationsMax = 20;

/** Set by the format of a date while a payload is validated, which is one synchronous step: a date without a zone is valid here (G-13), and counted. */
let zoneMissing = false;
const isDateTime = fullFormats['iso-date-time'] as { validate: (text: string) => boolean };
function isStationTime(text: string): boolean {
  if (!isDateTime.validate(text)) return false;
  if (!text.endsWith('Z') && !/[zZ]$|[+-]\d\d(:?\d\d)?$/.test(text)) zoneMissing = true;
  return true;
}

/** `formats` are the full ones: the fast ones accept a thirteenth month. Only the zone may be missing from a date (see parseStationTime). */
function newAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors, multipleOfPrecision: 3, verbose: allErrors });
  ajv.addFormat('date-time', { type: 'string', validate: isStationTime });
  ajv.addFormat('uri', fullFormats.uri);
  return ajv;
}
