import { createHash } from 'node:crypto';
import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { serviceKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { SCRAPED_LABEL, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import { mirrorNetworkPolicy } from './network-policy.ts';
import type { Namespace, Platform } from './platform.ts';
import { ADMIN_PORT, podTemplate } from './pod.ts';
import { rollingDeployment } from './rolling-deployment.ts';
import { serviceAccount } from './service-accounts.ts';
import { chosenVersion } from './versions.ts';

const owner: Owner = { kind: 'namespace' };
const component = 'mirror';
const name = 'csms-mirror';
const credentialsFolder = '/etc/csms/firebase';
/** Which database a mirror writes to: mirrors of a namespace are told apart by it. */
const DATABASE_LABEL = 'csms.charge-it.io/mirror';

interface Database { url: string; credentialsSecret: string; sites: ChargingSite[] }

/**
 * The public mirrors of a namespace: one process for each database that its sites name, with the key from the Secret that they name beside it. Nothing where
 * no site names one, or the platform has no image for it.
 */
export function mirrors(namespace: Namespace, sites: ChargingSite[], platform: Platform): Desired[] {
  const databases = databasesOf(sites.filter((site) => site.metadata.deletionTimestamp === undefined));
  const deployments = databases.flatMap((database) => deployment(database, namespace, platform));
  if (deployments.length === 0) return [];
  const service = {
    apiVersion: 'v1', kind: 'Service',
    metadata: { name, namespace: namespace.name, labels: { ...labelsOf(component, owner), ...SCRAPED_LABEL } },
    spec: { type: 'ClusterIP', clusterIP: 'None', selector: selectorOf(component, owner), ports: [{ name: 'admin', port: ADMIN_PORT, targetPort: 'admin', protocol: 'TCP' }] },
  };
  return [serviceAccount(name, namespace.name, component, owner), mirrorNetworkPolicy(namespace, platform), { kind: serviceKind, object: service }, ...deployments];
}

function databasesOf(sites: ChargingSite[]): Database[] {
  const databases = new Map<string, Database>();
  for (const site of [...sites].sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1))) {
    const { firebase } = site.spec.mirror;
    if (firebase === undefined) continue;
    const key = `${firebase.databaseUrl}\n${firebase.credentialsSecret}`;
    const database = databases.get(key) ?? { url: firebase.databaseUrl, credentialsSecret: firebase.credentialsSecret, sites: [] };
    database.sites.push(site);
    databases.set(key, database);
  }
  return [...databases.values()];
}

function deployment(database: Database, namespace: Namespace, platform: Platform): Desired[] {
  const { images } = chosenVersion(database.sites, undefined, platform);
  if (images.mirror === undefined) return [];
  const label = { [DATABASE_LABEL]: createHash('sha256').update(`${database.url}\n${database.credentialsSecret}`).digest('hex').slice(0, 8) };
  const template = podTemplate({
    component,
    labels: { ...labelsOf(component, owner), ...label },
    image: images.mirror,
    env: {
      CSMS_MODE: platform.mode,
      LOG_LEVEL: platform.logLevel,
      CSMS_TENANT: namespace.tenant,
      CSMS_SITE_NAMESPACE: namespace.name,
      CSMS_MIRROR_SITES: database.sites.map((site) => site.metadata.name).join(','),
      CSMS_FIREBASE_DATABASE_URL: database.url,
      CSMS_FIREBASE_CREDENTIALS_FILE: `${credentialsFolder}/service-account.json`,
    },
    secrets: [platform.secrets.database, platform.secrets.bus],
    files: [{ name: 'firebase', secret: database.credentialsSecret, folder: credentialsFolder }],
    ports: [],
    requests: { cpu: '20m', memory: '96Mi' },
    memoryMax: '256Mi',
    graceSeconds: 20,
    serviceAccount: name,
    scheduling: platform.scheduling,
    restartPolicy: 'Always',
  });
  // Two at once do no harm: a write is conditional on its version.
  return [rollingDeployment({
    name: `${name}-${label[DATABASE_LABEL]}`,
    namespace: namespace.name,
    labels: { ...labelsOf(component, owner), ...label },
    selector: { ...selectorOf(component, owner), ...label },
    replicas: 1,
    template,
  })];
}
