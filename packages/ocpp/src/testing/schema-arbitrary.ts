import fc from 'fast-check';
import * as schemas16 from 'typed-ocpp/dist/ocpp16/schemas.js';
import * as schemas201 from 'typed-ocpp/dist/ocpp20/schemas.js';
import type { OcppVersion } from '../error-codes.ts';

/** As much of JSON Schema as the schemas of OCPP use. */
interface Schema {
  $ref?: string; type?: string; enum?: unknown[]; properties?: Record<string, Schema>; required?: string[]; items?: Schema; definitions?: Record<string, Schema>;
  maxLength?: number; format?: string; minItems?: number; maxItems?: number; minimum?: number; maximum?: number;
}

const tables: Record<OcppVersion, Record<string, unknown>> = { 'ocpp1.6': { ...schemas16 }, 'ocpp2.0.1': { ...schemas201 } };

/** Requests that are valid by the schema of an action: made from the schema itself, so that a new action brings its own. */
export function validRequest(version: OcppVersion, action: string): fc.Arbitrary<Record<string, unknown>> {
  const schema = tables[version][`${action}Request`] as Schema | undefined;
  if (schema === undefined) throw new Error(`${version} has no ${action}`);
  return valueOf(schema, schema.definitions ?? {}, 0) as fc.Arbitrary<Record<string, unknown>>;
}

function valueOf(schema: Schema, definitions: Record<string, Schema>, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref !== undefined) return valueOf(definitions[schema.$ref.slice('#/definitions/'.length)] ?? {}, definitions, depth);
  if (schema.enum !== undefined) return fc.constantFrom(...schema.enum);
  switch (schema.type) {
    case 'object': return objectOf(schema, definitions, depth);
    case 'array': return fc.array(valueOf(schema.items ?? {}, definitions, depth + 1), { minLength: schema.minItems ?? 0, maxLength: Math.min(schema.maxItems ?? 3, (schema.minItems ?? 0) + 3) });
    case 'integer': return fc.oneof({ weight: 4, arbitrary: fc.integer({ min: schema.minimum ?? 0, max: schema.maximum ?? 100 }) }, fc.integer({ min: Math.max(schema.minimum ?? -(2 ** 40), -(2 ** 40)), max: Math.min(schema.maximum ?? 2 ** 40, 2 ** 40) }));
    case 'number': return schema.minimum === undefined && schema.maximum === undefined ? fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }), fc.integer()) : fc.double({ min: schema.minimum ?? -1e9, max: schema.maximum ?? 1e9, noNaN: true });
    case 'boolean': return fc.boolean();
    case 'string': return textOf(schema);
    default: return fc.jsonValue({ maxDepth: 2 });
  }
}

function objectOf(schema: Schema, definitions: Record<string, Schema>, depth: number): fc.Arbitrary<Record<string, unknown>> {
  const fields = Object.fromEntries(Object.entries(schema.properties ?? {}).map(([name, inner]) => [name, valueOf(inner, definitions, depth + 1)]));
  return fc.record(fields, { requiredKeys: schema.required ?? [] });
}

function textOf(schema: Schema): fc.Arbitrary<string> {
  const year = (from: number, to: number) => fc.date({ min: new Date(Date.UTC(from, 0)), max: new Date(Date.UTC(to, 0)), noInvalidDate: true });
  if (schema.format === 'date-time') return fc.oneof(year(2025, 2028), year(1970, 9999)).map((date) => date.toISOString());
  if (schema.format === 'uri') return fc.webUrl();
  const maxLength = Math.min(schema.maxLength ?? 60, 60);
  return fc.oneof({ weight: 3, arbitrary: fc.string({ maxLength }) }, fc.string({ unit: 'binary', maxLength: Math.floor(maxLength / 2) }), fc.constantFrom('', '0', '1.5e3', '31,9').filter((text) => text.length <= maxLength));
}

/** What a broken charger makes of a value: another type, another case, too long, too deep, absent, null, beside something poisonous. */
export function mutation(): fc.Arbitrary<(value: unknown) => unknown> {
  return fc.oneof(
    fc.constantFrom<((value: unknown) => unknown)[]>(
      () => null, () => undefined, () => '', () => [], () => ({}), () => 'x'.repeat(5_000), () => -1, () => 0, () => 2 ** 53, () => 1e308, () => true,
      (value) => [value], (value) => ({ value }), (value) => String(value), (value) => (typeof value === 'string' ? value.toLowerCase() : 1.5),
      (value) => (typeof value === 'string' ? Number(value) || 7 : value), (value) => nested(value, 10), (value) => nested(value, 60), () => '2026-13-24T09:00:00Z', () => '\u0000\ud800',
    ),
    fc.jsonValue({ maxDepth: 2 }).map((other) => () => other),
  );
}

function nested(value: unknown, levels: number): unknown {
  let outer = value;
  for (let level = 0; level < levels; level += 1) outer = { outer };
  return outer;
}

/** A request with one place of it changed, or with something added beside it. */
export function brokenRequest(version: OcppVersion, action: string): fc.Arbitrary<Record<string, unknown>> {
  return fc.tuple(validRequest(version, action), mutation(), fc.nat(), fc.constantFrom('vendorThing', 'customData', '__proto__', 'constructor', '')).map(([request, change, at, extra]) => {
    const copy = structuredClone(request);
    const places = placesIn(copy);
    const place = places[at % (places.length + 1)];
    if (place === undefined) Object.defineProperty(copy, extra, { value: change(extra), enumerable: true, configurable: true, writable: true });
    else place.parent[place.name] = change(place.parent[place.name]);
    return copy;
  });
}

function placesIn(node: unknown): { parent: Record<string, unknown>; name: string }[] {
  if (typeof node !== 'object' || node === null) return [];
  const parent = node as Record<string, unknown>;
  return Object.keys(parent).flatMap((name) => [{ parent, name }, ...placesIn(parent[name])]);
}

/** Texts that are hardly a frame: cut, doubled, of other types, of other ids, no JSON at all. `id` is the one of the call in it, if any. */
export function brokenFrame(id: string, action: string): fc.Arbitrary<string> {
  const whole = JSON.stringify([2, id, action, {}]);
  return fc.oneof(
    fc.nat(whole.length - 1).map((length) => whole.slice(0, length)), fc.string(), fc.json(), fc.constant(`${whole}${whole}`),
    fc.constantFrom<unknown[]>([2], [2, id], [2, id, action], [2, null, action, {}], [2, {}, action, {}], [2, '', action, {}], [2, id, '', {}], [2, id, 7, {}], [2, id, action, null], [2, id, action, []], [2, id, action, 'x'],
      [5, id, action, {}], ['2', id, action, {}], [2, id, 'toString', {}], [2, id, '__proto__', {}], [3, 'nobody', {}], [3, 'nobody', null], [4, 'nobody'], [4, 'nobody', 'GenericError', null, null], [2, 'x'.repeat(200), action, {}], []).map((frame) => JSON.stringify(frame)),
  );
}
