import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { applyFields, fieldsOf } from './field-sets.ts';
import type { FieldSet } from './field-sets.ts';

const apply = (live: object, owners: Map<string, FieldSet>, manager: string, wanted: unknown, force = true): Map<string, FieldSet> => applyFields(live, owners, manager, wanted, force);

describe('server-side apply', () => {
  it('removes what a manager no longer states and leaves what others stated', () => {
    const live = {};
    let owners = apply(live, new Map(), 'operator', { metadata: { labels: { a: '1', b: '2' } }, spec: { replicas: 2 } });
    owners = apply(live, owners, 'person', { metadata: { labels: { c: '3' } } });
    apply(live, owners, 'operator', { metadata: { labels: { a: '1' } } });
    expect(live).toEqual({ metadata: { labels: { a: '1', c: '3' } } });
  });

  it('merges containers and env by name, and keeps a foreign env entry', () => {
    const live = {};
    const containers = (env: unknown[]): unknown => ({ spec: { containers: [{ name: 'gateway', image: 'x', env }] } });
    let owners = apply(live, new Map(), 'operator', containers([{ name: 'A', value: '1' }, { name: 'B', value: '2' }]));
    owners = apply(live, owners, 'person', containers([{ name: 'FOREIGN', value: '9' }]), true);
    apply(live, owners, 'operator', containers([{ name: 'A', value: '5' }]));
    expect(live).toEqual({ spec: { containers: [{ name: 'gateway', image: 'x', env: [{ name: 'A', value: '5' }, { name: 'FOREIGN', value: '9' }] }] } });
  });

  it('treats finalizers as a set', () => {
    const live = {};
    let owners = apply(live, new Map(), 'one', { metadata: { finalizers: ['a'] } });
    owners = apply(live, owners, 'two', { metadata: { finalizers: ['b'] } });
    expect(live).toEqual({ metadata: { finalizers: ['a', 'b'] } });
    apply(live, owners, 'one', { metadata: {} });
    expect(live).toEqual({ metadata: { finalizers: ['b'] } });
  });

  it('refuses to take over a value without force', () => {
    const live = {};
    const owners = apply(live, new Map(), 'operator', { spec: { replicas: 2 } });
    expect(() => apply(live, owners, 'person', { spec: { replicas: 4 } }, false)).toThrow(/conflict with "operator"/);
    expect(live).toEqual({ spec: { replicas: 2 } });
  });

  it('what one manager states is what the object has, whatever came before', () => {
    const leaf = fc.oneof(fc.integer(), fc.string(), fc.boolean());
    const config = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.oneof(leaf, fc.dictionary(fc.constantFrom('x', 'y'), leaf, { minKeys: 1 })), { minKeys: 1 });
    fc.assert(
      fc.property(config, config, (before, after) => {
        const live = {};
        apply(live, apply(live, new Map(), 'one', before), 'one', after);
        expect(fieldsOf(live)).toEqual(fieldsOf(after));
      }),
    );
  });
});
