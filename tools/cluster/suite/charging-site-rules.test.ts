import { chargingSiteCrd, parseChargingSite, siteRules, type Edit } from '@csms/contracts/charging-site/index';
import { ClusterError, at, type Kind, type KubernetesObject } from '@csms/kube';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySiteCrd, by, openTestCluster, readObject, siteObject, type TestCluster } from './test-cluster.ts';

const siteKind: Kind = { apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', plural: 'chargingsites', namespaced: true };
let cluster: TestCluster;
let namespace: string;
let crd: KubernetesObject;
beforeAll(async () => {
  cluster = await openTestCluster();
  crd = await applySiteCrd(cluster);
  namespace = await cluster.namespace('rules');
});
afterAll(() => cluster?.close());

let sites = 0;
const site = (edit: Edit, name?: string): KubernetesObject => siteObject(namespace, name ?? edit.name ?? `site-${(sites += 1)}`, edit.spec);
const refusal = (apply: Promise<unknown>): Promise<unknown> => apply.then(() => 'accepted', (error: unknown) => error);

/** Applies what the edit says, after what was there before it; gives what the server said of the last one. */
async function attempt(edit: Edit): Promise<unknown> {
  if (edit.before === undefined) return refusal(cluster.client.apply(siteKind, site(edit), by));
  const before = await cluster.client.apply(siteKind, site({ spec: edit.before }), by);
  return refusal(cluster.client.apply(siteKind, site(edit, before.metadata.name), by));
}

describe('the CRD on a real API server', () => {
  it('O-01 is structural and accepted under strict validation, and is what the schema prints', () => {
    const conditions = at(crd, 'status', 'conditions') as { type: string; status: string; message: string }[] | undefined;
    expect(conditions?.filter(({ type }) => type === 'NonStructuralSchema') ?? []).toEqual([]);
    expect(readObject('charts/csms/crds/chargingsites.yaml')).toEqual(chargingSiteCrd());
  });

  it('O-01 kubectl applies it server-side with strict validation', async () => {
    const said = await cluster.kubectl('apply', '--server-side', '--validate=strict', '--force-conflicts', '--field-manager=csms-suite', '--dry-run=server', '-f', 'charts/csms/crds/chargingsites.yaml');
    expect(said).toContain('chargingsites.csms.charge-it.io serverside-applied');
  });
});

describe('O-05 every rule, accepted and refused once by the server itself', () => {
  it('there are at least twenty', () => {
    expect(siteRules.length).toBeGreaterThanOrEqual(20);
  });

  it.each(siteRules.map((rule) => [`${rule.at.join('.') || 'the resource'} ${rule.message}`, rule] as const))('%s', async (_title, rule) => {
    expect(await attempt(rule.accept)).toBe('accepted');
    const error = await attempt(rule.reject);
    expect(error).toBeInstanceOf(ClusterError);
    expect(error).toMatchObject({ status: 422, reason: 'Invalid', message: expect.stringContaining(rule.message) });
  });
});

describe('what the server refuses, a file without a server refuses too', () => {
  const text = fc.oneof(fc.string({ minLength: 1, maxLength: 12 }), fc.constantFrom(' a', 'a ', 'a\nb', 'Asia/Jakarta', 'UTC', 'fast-dc', '-a', 'ocpp.example.com', '0 2 * * *', '0 3 * * 0', 'CRON_TZ=UTC * * * *', 'https://a.example', 'http://a.example', 'é'));
  const number = fc.oneof(fc.integer({ min: -10, max: 200_000 }), fc.constantFrom(0, 0.5, 30, 89, 90, 1e6));
  const spec = fc.record({
    displayName: text,
    location: fc.record({ latitude: fc.constantFrom(0, -6.9, 90, 91), longitude: fc.constantFrom(0, 107.6, 181), timeZone: fc.oneof({ weight: 4, arbitrary: fc.constantFrom('Asia/Jakarta', 'UTC') }, { weight: 1, arbitrary: text }) }),
    ocpp: fc.record({ host: text, securityProfile: fc.constantFrom(1, 2, 3, 4) }, { requiredKeys: [] }),
    gateway: fc.record({ pool: text, replicas: fc.record({ min: fc.integer({ min: 0, max: 101 }), max: fc.integer({ min: 1, max: 100 }) }, { requiredKeys: [] }), connectionsPerReplica: number, drainSeconds: number, terminationGraceSeconds: number }, { requiredKeys: [] }),
    grid: fc.record({ maxPowerKw: number }),
    training: fc.record({ schedule: text, deepSchedule: text }, { requiredKeys: [] }),
    dashboard: fc.record({ host: text }, { requiredKeys: [] }),
    mirror: fc.record({ firebase: fc.record({ databaseUrl: text, credentialsSecret: text }) }, { requiredKeys: [] }),
  }, { requiredKeys: ['displayName', 'location', 'grid'] });
  const path = (name: string): string => `/apis/csms.charge-it.io/v1alpha1/namespaces/${namespace}/chargingsites/${name}?dryRun=All&fieldManager=csms-suite&fieldValidation=Strict`;

  /** A zone that the pattern takes but that no time zone database knows is refused by us alone: CEL has no such database. */
  const onlyOurs = /must be an IANA name such as Asia\/Jakarta, but is/;

  it('O-01 a random spec gets the same verdict from both', async () => {
    const verdicts = { accepted: 0, refused: 0 };
    await fc.assert(fc.asyncProperty(spec, async (value) => {
      const object = { apiVersion: siteKind.apiVersion, kind: siteKind.kind, metadata: { name: 'random', namespace }, spec: value };
      const { status, body } = await cluster.ask('PATCH', path('random'), { body: object });
      let ours: string | undefined;
      try { parseChargingSite(object); } catch (error) { ours = String(error); }
      if (ours !== undefined && onlyOurs.test(ours)) return;
      expect([status < 300, JSON.stringify(value), status < 300 ? undefined : at(body, 'message')]).toEqual([ours === undefined, JSON.stringify(value), status < 300 ? undefined : expect.anything()]);
      verdicts[ours === undefined ? 'accepted' : 'refused'] += 1;
    }), { numRuns: 300 });
    expect(verdicts.refused).toBeGreaterThan(20);
  });
});
