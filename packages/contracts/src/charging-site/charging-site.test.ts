import { describe, expect, it } from 'vitest';
import { chargingSiteCrd, chargingSiteSchema } from './crd.ts';
import type { OpenApiSchema } from './crd.ts';
import { ChargingSiteError, checkChargingSite, parseChargingSite } from './parse.ts';
import { siteConditions, siteReasons } from './reasons.ts';
import { siteRules } from './rules.ts';
import type { Edit } from './rules.ts';

type Fields = Record<string, unknown>;

const base: Fields = {
  displayName: 'SPKLU Bandung 01',
  location: { latitude: -6.9147, longitude: 107.6098, timeZone: 'Asia/Jakarta' },
  grid: { maxPowerKw: 150 },
};
const isFields = (value: unknown): value is Fields => typeof value === 'object' && value !== null && !Array.isArray(value);
const merged = (a: Fields, b: Fields): Fields =>
  Object.entries(b).reduce<Fields>((out, [field, value]) => ({ ...out, [field]: isFields(value) && isFields(out[field]) ? merged(out[field], value) : value }), a);
const site = (edit: Edit = {}): Fields => ({
  apiVersion: 'csms.charge-it.io/v1alpha1',
  kind: 'ChargingSite',
  metadata: { name: edit.name ?? 'bandung-01', namespace: 'demo' },
  spec: merged(base, edit.spec ?? {}),
});
const parsed = (edit: Edit) => parseChargingSite(site(edit), edit.before === undefined ? {} : { old: parseChargingSite(site({ spec: edit.before })) });
const faultOf = (value: unknown): string => {
  try {
    parseChargingSite(value);
    return 'no fault';
  } catch (error) {
    if (error instanceof ChargingSiteError) return error.message;
    throw error;
  }
};

describe('a ChargingSite', () => {
  it('needs a name, a place and a grid limit; all else has a default', () => {
    expect(parseChargingSite(site()).spec).toEqual({
      ...base,
      ocpp: { versions: ['ocpp1.6', 'ocpp2.0.1', 'ocpp2.1'], securityProfile: 2, heartbeatIntervalSeconds: 300 },
      gateway: { pool: 'default', replicas: { min: 2, max: 10 }, connectionsPerReplica: 5000, drainSeconds: 120 },
      training: { schedule: '0 2 * * *', deepSchedule: '0 3 * * 0', horizonHours: 24 },
      dashboard: {},
      mirror: {},
    });
  });

  it.each([
    [{ location: { latitude: 97 } }, 'spec.location.latitude must be at most 90, but is 97.'],
    [{ location: { latitude: 'north' } }, 'spec.location.latitude must be a number, but is "north".'],
    [{ gateway: { replicas: { min: 1.5 } } }, 'spec.gateway.replicas.min must be a whole number, but is 1.5.'],
    [{ displayName: '' }, 'spec.displayName must be at least 1 characters long, but is "".'],
    [{ ocpp: { versions: ['ocpp1.5'] } }, 'spec.ocpp.versions.0 must be "ocpp1.6" or "ocpp2.0.1" or "ocpp2.1", but is "ocpp1.5".'],
    [{ ocpp: { versions: ['ocpp1.6', 'ocpp1.6'] } }, 'spec.ocpp.versions is not right (it names a dialect twice), but is ["ocpp1.6","ocpp1.6"].'],
    [{ displayName: 'two\nlines' }, 'spec.displayName must be one line that does not begin or end with a blank.'],
    [{ gird: { maxPowerKw: 1 } }, 'spec.gird is not a field of a ChargingSite.'],
    [{ grid: null }, 'spec.grid must be an object, but is null.'],
    [{ location: { timeZone: 'Asia/Bandung' } }, 'spec.location.timeZone must be an IANA name such as Asia/Jakarta, but is "Asia/Bandung".'],
  ])('says in one sentence what is wrong: %j', (spec, sentence) => {
    expect(faultOf(site({ spec }))).toBe(sentence);
  });

  it('says what is missing', () => {
    const { displayName: _displayName, ...spec } = base;
    expect(faultOf({ ...site(), spec })).toBe('spec.displayName is required.');
    expect(faultOf({ ...site(), spec: undefined })).toBe('spec is required.');
    expect(faultOf('a text')).toBe('The ChargingSite must be an object, but is "a text".');
  });

  it('reads what a newer version wrote when it is asked to', () => {
    const newer = merged(site(), { spec: { solar: { peakKw: 30 }, grid: { phases: 3 } } });
    expect(faultOf(newer)).toBe('spec.grid.phases is not a field of a ChargingSite.');
    expect(parseChargingSite(newer, { unknownFields: 'ignore' }).spec.grid).toEqual({ maxPowerKw: 150 });
  });

  it('is checked against what it was, when there is something', () => {
    const before = site();
    const after = site({ spec: { location: { timeZone: 'Asia/Makassar' } } });
    expect(checkChargingSite(after, undefined)).toBeUndefined();
    expect(checkChargingSite(after, before)).toMatchObject({ path: ['spec', 'location', 'timeZone'] });
    expect(checkChargingSite(after, { kind: 'something that never was valid' })).toBeUndefined();
  });
});

describe('rules', () => {
  it('are at least twenty', () => {
    expect(siteRules.length).toBeGreaterThanOrEqual(20);
  });

  it.each(siteRules.map((rule) => [`${rule.at.join('.') || 'the resource'} ${rule.message}`, rule] as const))('%s', (_title, rule) => {
    expect(() => parsed(rule.accept)).not.toThrow();
    expect(() => parsed(rule.reject)).toThrow(expect.objectContaining({ path: rule.at, reason: rule.message }));
  });
});

describe('the CRD', () => {
  const walk = (schema: OpenApiSchema, path: string): [string, OpenApiSchema][] => [
    [path, schema],
    ...Object.entries(schema.properties ?? {}).flatMap(([name, inner]) => walk(inner, `${path}.${name}`)),
    ...(schema.items === undefined ? [] : walk(schema.items, `${path}[]`)),
  ];
  const all = walk(chargingSiteSchema(), '');

  it('is structural: a type everywhere, no union of types, nothing beside properties that forbids more', () => {
    for (const [path, schema] of all) {
      expect([path, typeof schema.type]).toEqual([path, 'string']);
      for (const forbidden of ['anyOf', 'oneOf', 'allOf', 'not', '$ref', 'additionalProperties', '$schema', 'const']) expect([path, forbidden in schema]).toEqual([path, false]);
    }
  });

  it('has a bound for every text and list of the spec, so that the cost of its rules can be estimated', () => {
    const spec = all.filter(([path]) => path.startsWith('.spec'));
    expect(spec.length).toBeGreaterThan(30);
    expect(spec.filter(([, schema]) => schema.type === 'string' && schema.maxLength === undefined && schema.enum === undefined).map(([path]) => path)).toEqual([]);
    expect(spec.filter(([, schema]) => schema.type === 'array' && schema.maxItems === undefined).map(([path]) => path)).toEqual([]);
  });

  it('says of every list whether it is a set or a map', () => {
    const lists = all.filter(([, schema]) => schema.type === 'array' && schema.items?.type === 'object' ? true : schema.type === 'array');
    expect(lists.map(([path, schema]) => [path, schema['x-kubernetes-list-type']])).toEqual([
      ['.spec.ocpp.versions', 'set'],
      ['.status.conditions', 'map'],
    ]);
  });

  it('states every default whole, because an API server holds a default against the rules before it fills in the fields below', () => {
    const { spec } = parseChargingSite(site());
    const defaults = Object.entries(chargingSiteSchema().properties?.['spec']?.properties ?? {}).flatMap(([name, schema]) => (schema.default === undefined ? [] : [[name, schema.default] as const]));
    expect(Object.fromEntries(defaults)).toEqual({ ocpp: spec.ocpp, gateway: spec.gateway, training: spec.training, dashboard: {}, mirror: {} });
  });

  it('does not ask for fields that have a default', () => {
    expect(chargingSiteSchema().properties?.['spec']?.required).toEqual(['displayName', 'location', 'grid']);
  });

  it('carries every rule', () => {
    const rules = all.flatMap(([, schema]) => schema['x-kubernetes-validations'] ?? []);
    expect(rules).toHaveLength(siteRules.length);
  });

  it('shows Ready, Reason, chargers and gateways', () => {
    expect(JSON.stringify(chargingSiteCrd())).toContain('"name":"Chargers","type":"integer","jsonPath":".status.gateway.connectedStations"');
  });
});

it('every reason and condition is explained in a sentence', () => {
  for (const text of [...Object.values(siteReasons), ...Object.values(siteConditions)]) expect(text).toMatch(/^[A-Z].*\.$/s);
});
