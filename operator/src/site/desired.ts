import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import type { Desired } from '@csms/kube/apply-and-prune';
import { autoscaler } from './autoscaler.ts';
import { poolCertificate } from './certificate.ts';
import { dashboard } from './dashboard.ts';
import { disruptionBudget } from './disruption-budget.ts';
import { gatewayPool } from './gateway-pool.ts';
import type { Pool } from './pool.ts';
import { gatewayServices } from './gateway-service.ts';
import { offersAll } from './kinds.ts';
import { mirrors } from './mirror.ts';
import { monitoring } from './monitoring.ts';
import { gatewayName } from './names.ts';
import { gatewayNetworkPolicy, namespaceNetworkPolicies } from './network-policy.ts';
import type { Namespace, Offers, Platform } from './platform.ts';
import { dashboardRoutes, gatewayRoutes } from './routes.ts';
import { serviceAccounts, tenantAccess } from './service-accounts.ts';
import { trainer } from './trainer.ts';

/*
 * What a site needs, in three parts that are reconciled by themselves: its own objects, the gateways of its pool, and what its
 * namespace has once. Each is a concatenation of components in apply order. Policies go before the pods that they close.
 */

/** Objects of one site. A site that is being deleted needs none. `running`: the version that its trainers were last told to run. */
export const desiredOfSite = (site: ChargingSite, namespace: Namespace, platform: Platform, running?: string): Desired[] =>
  site.metadata.deletionTimestamp === undefined ? trainer(site, namespace, platform, running) : [];

/** Objects of a pool of a namespace; none where no site names it. */
export const desiredOfPool = (pool: Pool, platform: Platform, offers: Offers): Desired[] =>
  pool.members.length === 0
    ? []
    : [
        ...gatewayNetworkPolicy(pool, platform),
        ...poolCertificate(pool, platform, offers),
        ...gatewayServices(pool, platform),
        ...gatewayPool(pool, platform, offers),
        disruptionBudget(gatewayName(pool.name), pool.namespace.name, 'ocpp-gateway', { kind: 'pool', name: pool.name }),
        ...autoscaler(pool, platform, offers),
        ...gatewayRoutes(pool, platform, offers),
      ];

/** Objects that a namespace with sites has once; none where there is no site. `foreignHosts`: those that are another namespace's; `running`: the version that its dashboard was last told to run. */
export function desiredOfNamespace(namespace: Namespace, sites: ChargingSite[], foreignHosts: ReadonlySet<string>, platform: Platform, offers: Offers, running?: string): Desired[] {
  if (sites.length === 0) return [];
  const pages = dashboard(namespace, sites, platform, running);
  return [
    ...serviceAccounts(namespace),
    ...tenantAccess(namespace, platform),
    ...namespaceNetworkPolicies(namespace, pages.length > 0, platform),
    ...pages,
    ...mirrors(namespace, sites, platform),
    ...dashboardRoutes(namespace, sites, foreignHosts, platform, offers),
    ...monitoring(namespace, platform),
  ];
}

/** Everything that follows from one site alone in its namespace, where the cluster offers every kind unless told otherwise. */
export function desired(site: ChargingSite, namespace: Namespace, platform: Platform, offers: Offers = offersAll): Desired[] {
  const pool = { name: site.spec.gateway.pool, namespace, members: [site], foreignHosts: new Set<string>(), stations: new Map<string, number>() };
  const all = [...desiredOfNamespace(namespace, [site], pool.foreignHosts, platform, offers), ...desiredOfPool(pool, platform, offers), ...desiredOfSite(site, namespace, platform)];
  return all.filter(({ kind }) => offers(kind));
}

const DELETING_COUNTS_MS = 20_000;

/**
 * The sites whose sockets a namespace still carries. A site that is being deleted counts for 20 s, in which the books close its
 * sockets in an orderly way; when the API is away for longer its processes go all the same.
 */
export function carried(sites: ChargingSite[], nowMs: number): ChargingSite[] {
  return sites.filter(({ metadata }) => metadata.deletionTimestamp === undefined || nowMs - Date.parse(metadata.deletionTimestamp) < DELETING_COUNTS_MS);
}
