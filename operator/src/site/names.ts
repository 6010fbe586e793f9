import { createHash } from 'node:crypto';

/* Names and labels of everything that the operator makes, once. Site names have at most 40 characters and pools at most 20 (the resource's rules). */
export const FIELD_MANAGER = 'csms-operator';
export const MANAGED_BY = { 'app.kubernetes.io/managed-by': FIELD_MANAGER } as const;
export const OWNER_LABEL = 'csms.charge-it.io/owner';

/** Who an object belongs to: a site, a pool of the namespace, or the namespace as a whole. */
export type Owner = { kind: 'site'; name: string } | { kind: 'pool'; name: string } | { kind: 'namespace' };

export const ownerLabel = (owner: Owner): string => (owner.kind === 'namespace' ? 'namespace' : `${owner.kind}.${owner.name}`);

/** The inverse of ownerLabel; undefined for a label that is not ours. */
export function ownerOf(label: string | undefined): Owner | undefined {
  if (label === 'namespace') return { kind: 'namespace' };
  const [kind, name] = [label?.slice(0, label.indexOf('.')), label?.slice(label.indexOf('.') + 1)];
  return (kind === 'site' || kind === 'pool') && name !== undefined ? { kind, name } : undefined;
}

/** What prune selects by. */
export const ownedLabels = (owner: Owner): Record<string, string> => ({ ...MANAGED_BY, [OWNER_LABEL]: ownerLabel(owner) });

/** The labels of an object and of its pods. */
export const labelsOf = (component: string, owner: Owner): Record<string, string> => ({
  'app.kubernetes.io/name': 'csms',
  'app.kubernetes.io/component': component,
  ...ownedLabels(owner),
});

/** The two labels by which a Deployment knows its pods; they never change. */
export const selectorOf = (component: string, owner: Owner): Record<string, string> => ({ 'app.kubernetes.io/component': component, [OWNER_LABEL]: ownerLabel(owner) });

export const gatewayName = (pool: string): string => `csms-gateway-${pool}`;
export const DASHBOARD_NAME = 'csms-dashboard';

/** A CronJob's name has at most 52 characters (its Jobs get eleven more): of a long site name the beginning stays, with a hash that is its own. */
const CRON_JOB_NAME_MAX = 52;
export function trainerName(site: string, kind: 'daily' | 'deep'): string {
  const name = `trainer-${site}-${kind}`;
  if (name.length <= CRON_JOB_NAME_MAX) return name;
  const hash = createHash('sha256').update(site).digest('hex').slice(0, 6);
  return `trainer-${site.slice(0, CRON_JOB_NAME_MAX - 22).replace(/-+$/, '')}-${hash}-${kind}`;
}

/** The Service of a pool that its stations come to, and the headless one by which each gateway is found. */
export const gatewayPodsName = (pool: string): string => `${gatewayName(pool)}-pods`;
/** Where cert-manager puts the certificate of a pool's hosts. */
export const gatewayTlsName = (pool: string): string => `${gatewayName(pool)}-tls`;
/** Services that Prometheus scrapes carry it: one a component, so that no pod is counted twice. */
export const SCRAPED_LABEL = { 'csms.charge-it.io/scraped': 'true' } as const;

/** On a Deployment of gateways: a hash of the template that it was last told to have. A new one replaces every gateway. */
export const TEMPLATE_HASH = 'csms.charge-it.io/template-hash';
/** Whether labels are those of gateways. */
export const gatewaySelector = (labels: Record<string, string> | undefined): boolean => labels?.['app.kubernetes.io/component'] === 'ocpp-gateway';

/** On a site, set to `true`: the operator writes nothing for it, for the pool and for the namespace that it shares, until it is taken away. */
export const PAUSED_ANNOTATION = 'csms.charge-it.io/paused';
export const isPaused = ({ metadata }: { metadata: { annotations?: Record<string, string> | undefined } }): boolean => metadata.annotations?.[PAUSED_ANNOTATION] === 'true';
