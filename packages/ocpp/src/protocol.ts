import { Ajv, type ErrorObject, type ValidateFunction } from 'ajv';
import { fullFormats } from 'ajv-formats/dist/formats.js';
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js';
import { actions } from './actions.ts';
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
  /** Null when a station's request is valid, or is tolerated (see `tolerated`). */
  checkRequest(action: string, payload: unknown): Violation | null;
  /** Null when our own answer to a station is valid. */
  checkResponse(action: string, payload: unknown): Violation | null;
  /** Null when our own request to a station is valid. */
  checkOutgoing(action: string, payload: unknown): Violation | null;
  /** Null when a station's answer to us is valid. */
  checkAnswer(action: string, payload: unknown): Violation | null;
}

/**
 * Deviations of real chargers that cost nothing to accept, while a CALLERROR would make the charger drop the fact for ever (G-21, G-23): extra
 * properties, over-long free text, an unlisted unit or measurand, a fractional register. What decides who pays stays strict: presence, types, dates, card numbers.
 */
export function tolerated(error: Pick<ErrorObject, 'keyword' | 'instancePath' | 'params' | 'data'>): boolean {
  const field = error.instancePath.slice(error.instancePath.lastIndexOf('/') + 1);
  switch (error.keyword) {
    case 'additionalProperties': return true;
    case 'maxLength': return !['idTag', 'idToken', 'transactionId'].includes(field);
    case 'enum': return ['unit', 'measurand', 'context', 'location', 'phase', 'format', 'errorCode', 'reason', 'stoppedReason', 'triggerReason'].includes(field);
    case 'type': return typeof error.data === 'number' && Number.isFinite(error.data) && ['meterStart', 'meterStop', 'value'].includes(field);
    default: return false;
  }
}

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
    checkRequest: (action, payload) => {
      const first = check(requests, action, payload);
      if (first === null) return null;
      const validate = requestsInFull.get(action);
      if (validate === undefined || validate(payload)) return violation(first);
      return violation(validate.errors?.find((error) => !tolerated(error)) ?? null);
    },
    checkResponse: (action, payload) => violation(check(responses, action, payload)),
    checkOutgoing: (action, payload) => violation(check(outgoing, action, payload)),
    checkAnswer: (action, payload) => violation(check(answers, action, payload)),
  };
}

/** `formats` are the full ones: the fast ones accept a thirteenth month. Only the zone may be missing from a date (see parseStationTime). */
function newAjv(allErrors: boolean): Ajv {
  const ajv = new Ajv({ strict: false, allErrors, multipleOfPrecision: 3, verbose: allErrors });
  ajv.addFormat('date-time', fullFormats['iso-date-time']);
  ajv.addFormat('uri', fullFormats.uri);
  return ajv;
}
