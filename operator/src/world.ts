import { ChargingSiteError, TENANT_LABEL, chargingSiteKind, parseChargingSite } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import { Applier, Reflector, cronJobKind, deploymentKind, namespaceKind } from '@csms/kube';
import type { Change, Clock, ClusterClient, KubernetesObject } from '@csms/kube';
import { FIELD_MANAGER } from './site/names.ts';
import type { Namespace, Platform } from './site/platform.ts';
import type { Books, Observed } from './site/status.ts';

export interface WorldOptions {
  client: ClusterClient;
  platform: Platform;
  clock: Clock;
  onChange: (kind: 'site' | 'namespace' | 'owned', change: Change) => void;
  onFailure: (kind: string, error: unknown) => void;
}

/** What the reconcilers read: copies of the cluster's objects, what the books said last, and the platform. They share nothing else. */
export interface World {
  client: ClusterClient;
  platform: Platform;
  clock: Clock;
  applier: Applier;
  sites: Reflector;
  namespaces: Reflector;
  deployments: Reflector;
  cronJobs: Reflector;
  /** By `namespace/name` of the site. */
  books: Map<string, Books>;
  /** The last refusal of the cluster by owner (`site/ns/name`, `pool/ns/name`, `namespace/ns`). */
  failures: Map<string, string>;
  offered: Observed['offered'];
}

export function createWorld(options: WorldOptions): World {
  const { client, platform, clock, onChange, onFailure } = options;
  const managed = `app.kubernetes.io/managed-by=${FIELD_MANAGER}`;
  const reflect = (kind: typeof deploymentKind, word: 'site' | 'namespace' | 'owned', labelSelector?: string): Reflector =>
    new Reflector({ client, kind, labelSelector, clock, onChange: (change) => onChange(word, change), onFailure: (error) => onFailure(kind.kind, error) });
  const deployments = reflect(deploymentKind, 'owned', managed);
  const cronJobs = reflect(cronJobKind, 'owned', managed);
  const copies = new Map([
    [deploymentKind.kind, deployments],
    [cronJobKind.kind, cronJobs],
  ]);
  return {
    client,
    platform,
    clock,
    applier: new Applier({ client, fieldManager: FIELD_MANAGER, copies, clock }),
    sites: reflect(chargingSiteKind, 'site'),
    namespaces: reflect(namespaceKind, 'namespace'),
    deployments,
    cronJobs,
    books: new Map(),
    failures: new Map(),
    offered: {},
  };
}

export const reflectorsOf = (world: World): Reflector[] => [world.namespaces, world.deployments, world.cronJobs, world.sites];

export const nowOf = (world: World): string => new Date(world.clock.nowMs()).toISOString();

/** Whose a namespace is. */
export function namespaceOf(world: World, name: string): Namespace {
  return { name, tenant: world.namespaces.get(name)?.metadata.labels?.[TENANT_LABEL] ?? name };
}

/** The sites of a namespace in the order of their names, and whether there is one that breaks a rule. */
export function sitesOf(world: World, namespace: string): { sites: ChargingSite[]; invalid: boolean } {
  const read = world.sites.list().filter((object) => object.metadata.namespace === namespace).map(readSite);
  const sites = read.flatMap((each) => (each instanceof ChargingSiteError ? [] : [each]));
  sites.sort((a, b) => (a.metadata.name < b.metadata.name ? -1 : 1));
  return { sites, invalid: sites.length < read.length };
}

/** The site of an object, or why it is none. */
export function readSite(object: KubernetesObject): ChargingSite | ChargingSiteError {
  try {
    return parseChargingSite(object, { unknownFields: 'ignore' });
  } catch (error) {
    if (error instanceof ChargingSiteError) return error;
    throw error;
  }
}
