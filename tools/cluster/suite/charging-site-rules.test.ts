import { chargingSiteCrd, parseChargingSite, siteRules, type Edit } from '@csms/contracts/charging-site/index';
import { ClusterError, at, type JsonObject, type Kind, type KubernetesObject } from '@csms/kube';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { applySiteCrd, by, merged, openTestCluster, readObject, siteObject, type TestCluster } from './test-cluster.ts';

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
  const text = fc.oneof(fc.string({ minLength: 0, maxLength: 12 }), fc.constantFrom(' a', 'a ', 'a\nb', '-a', 'a-', 'A', 'fast-dc', 'é', 'a'.repeat(130)));
  const zone = fc.oneof(fc.constantFrom('Asia/Jakarta', 'UTC', 'WIB', 'Asia/', 'Etc/GMT+7', 'asia/jakarta', 'Asia/Jakarta\n'), text);
  const hostName = fc.oneof(fc.constantFrom('ocpp.example.com', 'example', 'OCPP.example.com', 'ocpp.example.com\n', 'a..b', 'bandung.example.com'), text);
  const cron = fc.oneof(fc.constantFrom('0 2 * * *', '0 3 * * 0', '0 2 * * * *', 'CRON_TZ=UTC * * * *', '0  2 * * *', '0 2 * * *\n', '* * * * *'), text);
  const url = fc.oneof(fc.constantFrom('https://a.example', 'http://a.example', 'https://u@a.example', 'https://a.example?auth=1'), text);
  const number = fc.oneof(fc.integer({ min: -10, max: 200_000 }), fc.constantFrom(0, 0.5, 30, 149, 150, 1e6, -0.1));
  /** Fields of a spec, and values for each that are near the edge of what is right. */
  const fields: [path: string[], values: fc.Arbitrary<unknown>][] = [
    [['displayName'], text], [['location', 'latitude'], fc.constantFrom(0, -6.9, 90, 91, 'north')], [['location', 'longitude'], fc.constantFrom(0, 107.6, 181, -180)],
    [['location', 'address'], text], [['location', 'timeZone'], zone], [['ocpp', 'host'], hostName], [['ocpp', 'securityProfile'], fc.constantFrom(0, 1, 2, 3, 4, 2.5)],
    [['ocpp', 'versions'], fc.constantFrom([], ['ocpp1.6'], ['ocpp1.5'], ['ocpp2.1', 'ocpp2.0.1'], ['ocpp1.6', 'ocpp1.6'])], [['gateway', 'pool'], text],
    [['gateway', 'replicas', 'min'], fc.integer({ min: -1, max: 101 })], [['gateway', 'replicas', 'max'], fc.integer({ min: 0, max: 101 })], [['gateway', 'connectionsPerReplica'], number],
    [['gateway', 'drainSeconds'], number], [['gateway', 'terminationGraceSeconds'], number], [['grid', 'maxPowerKw'], number], [['grid'], fc.constantFrom(null, {}, { maxPowerKw: 1, phases: 3 })],
    [['training', 'schedule'], cron], [['training', 'deepSchedule'], cron], [['training', 'horizonHours'], fc.constantFrom(0, 1, 168, 169, 1.5)], [['dashboard', 'host'], hostName],
    [['mirror', 'firebase'], fc.record({ databaseUrl: url, credentialsSecret: fc.oneof(fc.constantFrom('csms-database', 'firebase'), text) })],
  ];
  const change = fc.oneof(...fields.map(([where, values]) => values.map((value) => where.reduceRight<unknown>((inner, field) => ({ [field]: inner }), value) as JsonObject)));
  const spec = fc.array(change, { maxLength: 3 }).map((changes) => changes.reduce(merged, {}));
  const path = (name: string): string => `/apis/csms.charge-it.io/v1alpha1/namespaces/${namespace}/chargingsites/${name}?dryRun=All&fieldManager=csms-suite&fieldValidation=Strict`;

  /** A zone that the pattern takes but that no time zone database knows is refused by us alone: CEL has no such database. */
  const onlyOurs = /must be an IANA name such as Asia\/Jakarta, but is/;

  it('O-01 a random spec gets the same verdict from both', async () => {
    const verdicts = { accepted: 0, refused: 0 };
    await fc.assert(fc.asyncProperty(spec, async (value) => {
      const object = { apiVersion: siteKind.apiVersion, kind: siteKind.kind, metadata: { name: 'random', namespace }, spec: siteObject(namespace, 'random', value).spec };
      const { status, body } = await cluster.ask('PATCH', path('random'), { body: object });
      let ours: string | undefined;
      try { parseChargingSite(object); } catch (error) { ours = String(error); }
      if (ours !== undefined && onlyOurs.test(ours)) return;
      const theirs = status < 300 ? undefined : String(at(body, 'message'));
      if ((theirs === undefined) !== (ours === undefined)) throw new Error(`The server says ${theirs ?? 'yes'}, we say ${ours ?? 'yes'}.`);
      verdicts[ours === undefined ? 'accepted' : 'refused'] += 1;
    }), { numRuns: 300 });
    expect(verdicts.accepted).toBeGreaterThan(20);
    expect(verdicts.refused).toBeGreaterThan(20);
  });
});
