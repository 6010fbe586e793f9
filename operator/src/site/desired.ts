import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { cronJobKind, deploymentKind } from '@csms/kube/kind';
import type { Kind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { dashboard } from './dashboard.ts';
import { gatewayPool } from './gateway-pool.ts';
import type { Pool } from './gateway-pool.ts';
import type { Namespace, Platform } from './platform.ts';
import { trainer } from './trainer.ts';

/*
 * What a site needs, in three parts that are reconciled by themselves: its own objects, the gateways of its pool, and what its
 * namespace has once. Each is a concatenation of components in apply order, and each states the kinds that prune looks through.
 */
export const siteKinds: Kind[] = [cronJobKind];
export const poolKinds: Kind[] = [deploymentKind];
export const namespaceKinds: Kind[] = [deploymentKind];

/** Objects of one site. A site that is being deleted needs none. */
export const desiredOfSite = (site: ChargingSite, namespace: Namespace, platform: Platform): Desired[] =>
  site.metadata.deletionTimestamp === undefined ? trainer(site, namespace, platform) : [];

/** Objects of a pool of a namespace. */
export const desiredOfPool = (pool: Pool, platform: Platform): Desired[] => gatewayPool(pool, platform);

/** Objects that a namespace with sites has once. */
export const desiredOfNamespace = (namespace: Namespace, sites: ChargingSite[], platform: Platform): Desired[] => dashboard(namespace, sites, platform);

/** Everything that follows from one site alone in its namespace. */
export function desired(site: ChargingSite, namespace: Namespace, platform: Platform): Desired[] {
  const pool = { name: site.spec.gateway.pool, namespace, members: [site], stations: new Map<string, number>() };
  return [...desiredOfPool(pool, platform), ...desiredOfNamespace(namespace, [site], platform), ...desiredOfSite(site, namespace, platform)];
}

const DELETING_COUNTS_MS = 20_000;

/**
 * The sites whose sockets a namespace still carries. A site that is being deleted counts for 20 s, in which the books close its
 * sockets in an orderly way; when the API is away for longer its processes go all the same.
 */
export function carried(sites: ChargingSite[], nowMs: number): ChargingSite[] {
  return sites.filter(({ metadata }) => metadata.deletionTimestamp === undefined || nowMs - Date.parse(metadata.deletionTimestamp) < DELETING_COUNTS_MS);
}
