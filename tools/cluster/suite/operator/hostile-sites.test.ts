import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseChargingSite } from '@csms/contracts/charging-site/index';
import { at, isRecord, listAt, stringAt, type KubernetesObject } from '@csms/kube';
import { desired } from '@csms/operator/site/desired';
import { offersAll } from '@csms/operator/site/kinds';
import { Platform } from '@csms/operator/site/platform';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parse } from 'yaml';
import { applySiteCrd, openTestCluster, rootDir, siteObject, type TestCluster } from '../test-cluster.ts';
import { hostileSites, type HostileSite } from './hostile-sites.ts';

let cluster: TestCluster;
let namespace: string;
beforeAll(async () => {
  cluster = await openTestCluster();
  await applySiteCrd(cluster);
  namespace = await cluster.namespace('hostile');
});
afterAll(() => cluster?.close());

const platform = Platform.parse(parse(readFileSync(join(rootDir, 'operator/testdata/platform-routed.yaml'), 'utf8')));
const dryRun = 'dryRun=All&fieldManager=csms-suite&force=true&fieldValidation=Strict';
const pathOf = (kind: string, name: string): string => `/apis/csms.charge-it.io/v1alpha1/namespaces/${namespace}/${kind}/${encodeURIComponent(name)}?${dryRun}`;

const objectOf = ({ name = 'hostile', spec = {}, metadata = {} }: HostileSite): KubernetesObject => {
  const plain = siteObject(namespace, name, spec);
  return { ...plain, metadata: { ...plain.metadata, ...metadata } };
};
const podOf = (object: KubernetesObject): unknown => at(object, 'spec', 'template', 'spec') ?? at(object, 'spec', 'jobTemplate', 'spec', 'template', 'spec');
const label = /^$|^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/;
const name = /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/;
const ownImages = Object.values(platform.images);
const ownSecrets = Object.values(platform.secrets);

/** What is wrong with what would be made of a site: names, labels, images, Secrets, volumes and rights that are not the platform's own. */
function faultsOf(object: KubernetesObject): string[] {
  const { kind, metadata } = object;
  const faults: string[] = [];
  if (metadata.namespace !== namespace) faults.push(`${kind} in ${metadata.namespace}`);
  if (!name.test(metadata.name) || metadata.name.length > (kind === 'CronJob' ? 52 : 63)) faults.push(`${kind} named ${metadata.name}`);
  for (const value of Object.values(metadata.labels ?? {})) if (!label.test(value)) faults.push(`${kind} labelled ${value}`);
  if (kind === 'Role' && JSON.stringify(at(object, 'rules')).match(/\*|secrets|pods/) !== null) faults.push(`${kind} gives too much`);
  const pod = podOf(object);
  if (pod === undefined) return faults;
  for (const field of ['hostNetwork', 'hostPID', 'hostIPC', 'initContainers', 'nodeName', 'hostAliases']) if (at(pod, field) !== undefined) faults.push(`${kind} with ${field}`);
  if (at(pod, 'securityContext', 'runAsNonRoot') !== true || at(pod, 'automountServiceAccountToken') !== false) faults.push(`${kind} with rights`);
  for (const volume of listAt(pod, 'volumes')) {
    const secret = stringAt(volume, 'secret', 'secretName');
    if (at(volume, 'emptyDir') === undefined && !(secret !== undefined && (ownSecrets.includes(secret) || secret.endsWith('-tls')))) faults.push(`${kind} with the volume ${JSON.stringify(volume)}`);
  }
  for (const container of listAt(pod, 'containers')) {
    if (!ownImages.includes(stringAt(container, 'image') ?? '')) faults.push(`${kind} runs ${stringAt(container, 'image')}`);
    if (at(container, 'command') !== undefined || at(container, 'args') !== undefined) faults.push(`${kind} with a command`);
    for (const from of listAt(container, 'envFrom')) if (!ownSecrets.includes(stringAt(from, 'secretRef', 'name') ?? '')) faults.push(`${kind} reads ${JSON.stringify(from)}`);
    for (const each of listAt(container, 'env')) if (!/^[A-Z][A-Z0-9_]*$/.test(stringAt(each, 'name') ?? '') || /\$\(/.test(stringAt(each, 'value') ?? '')) faults.push(`${kind} with ${JSON.stringify(each)}`);
  }
  return faults;
}

describe('hostile sites', () => {
  it('K-04 are at least sixty', () => {
    expect(hostileSites.length).toBeGreaterThanOrEqual(60);
    expect(new Set(hostileSites.map(({ title }) => title)).size).toBe(hostileSites.length);
  });

  it.each(hostileSites)('K-04 $title: $verdict', async (hostile) => {
    const object = objectOf(hostile);
    const { status, body } = await cluster.ask('PATCH', pathOf('chargingsites', object.metadata.name), { body: object });
    // What is no such object at all an API server answers with 500 and "failed to create typed patch object".
    expect(status < 300 ? 'harmless' : 'refused').toBe(hostile.verdict);
    if (hostile.verdict === 'refused') return expect(stringAt(body, 'message')?.length).toBeGreaterThan(10);
    const made = desired(parseChargingSite(body, { unknownFields: 'ignore' }), { name: namespace, tenant: 'pln' }, platform, offersAll).map((each) => each.object);
    expect(made.length).toBeGreaterThan(15);
    expect(made.flatMap(faultsOf)).toEqual([]);
    const groups: Record<string, string> = { Deployment: 'deployments', CronJob: 'cronjobs', Service: 'services', NetworkPolicy: 'networkpolicies', ConfigMap: 'configmaps', Ingress: 'ingresses', HorizontalPodAutoscaler: 'horizontalpodautoscalers' };
    const answers = await Promise.all(made.filter(({ kind }) => kind in groups).map(async (each) => {
      const { apiVersion, kind, metadata } = each;
      const answer = await cluster.ask('PATCH', `${apiVersion.includes('/') ? `/apis/${apiVersion}` : `/api/${apiVersion}`}/namespaces/${namespace}/${groups[kind]}/${metadata.name}?${dryRun}`, { body: withoutOwner(each) });
      return answer.status < 300 ? [] : [`${kind} ${metadata.name}: ${stringAt(answer.body, 'message')}`];
    }));
    expect(answers.flat()).toEqual([]);
  });
});

/** A dry run stores nothing, so an owner has no uid that holds. */
function withoutOwner(object: KubernetesObject): KubernetesObject {
  const { ownerReferences: _owner, ...metadata } = object.metadata;
  return isRecord(object) ? { ...object, metadata } : object;
}
