import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chargingSiteCrd } from './crd.ts';
import { parseChargingSite } from './parse.ts';
import { anySpec } from './testing/any-site.ts';

interface Version { name: string; served: boolean; storage: boolean; [field: string]: unknown }
const versions = (chargingSiteCrd()['spec'] as { versions: Version[]; conversion: unknown }).versions;
const site = (version: string, spec: unknown): unknown => ({ apiVersion: `csms.charge-it.io/${version}`, kind: 'ChargingSite', metadata: { name: 'a', namespace: 'demo' }, spec });

describe('the versions of a ChargingSite', () => {
  it('O-10 v1alpha1 and v1beta1 are served with the same schema, columns and subresources, one is stored, and nothing is converted', () => {
    expect(versions.map(({ name, served, storage }) => [name, served, storage])).toEqual([['v1alpha1', true, true], ['v1beta1', true, false]]);
    const [{ name: _a, storage: _b, ...alpha } = { name: '', storage: true }, { name: _c, storage: _d, ...beta } = { name: '', storage: true }] = versions;
    expect(beta).toEqual(alpha);
    expect((chargingSiteCrd()['spec'] as { conversion: unknown }).conversion).toEqual({ strategy: 'None' });
  });

  it('O-10 a thousand random sites are the same in both, there and back', () => {
    fc.assert(fc.property(anySpec, (spec) => {
      const alpha = parseChargingSite(site('v1alpha1', spec));
      const beta = parseChargingSite(site('v1beta1', alpha.spec));
      expect({ ...beta, apiVersion: alpha.apiVersion }).toEqual(alpha);
      expect(parseChargingSite({ ...beta, apiVersion: alpha.apiVersion })).toEqual(alpha);
    }), { numRuns: 1000 });
  });
});
