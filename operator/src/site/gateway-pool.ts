import type { ChargingSite } from '@csms/contracts/charging-site/schema';
import { deploymentKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { gatewayName, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Namespace, Platform } from './platform.ts';
import { podTemplate } from './pod.ts';

/** The sites that share the gateways of one pool, and how many stations the books know at each (`namespace/name` to count). */
export interface Pool {
  name: string;
  namespace: Namespace;
  members: ChargingSite[];
  stations: ReadonlyMap<string, number>;
}

export interface PoolSize {
  replicas: number;
  connectionsPerReplica: number;
  drainSeconds: number;
  graceSeconds: number;
}

/**
 * A pool carries the sum of its members' stations, within the largest of their minima and maxima. Where members ask for different
 * manners, the careful one holds: fewest connections a gateway, longest drain.
 */
export function sizeOfPool(pool: Pool): PoolSize {
  const gateways = pool.members.map((site) => site.spec.gateway);
  const stations = pool.members.reduce((sum, site) => sum + (pool.stations.get(`${site.metadata.namespace}/${site.metadata.name}`) ?? 0), 0);
  const connectionsPerReplica = Math.min(...gateways.map((gateway) => gateway.connectionsPerReplica));
  const drainSeconds = Math.max(...gateways.map((gateway) => gateway.drainSeconds));
  const min = Math.max(...gateways.map((gateway) => gateway.replicas.min));
  const max = Math.max(...gateways.map((gateway) => gateway.replicas.max));
  const graceSeconds = Math.max(drainSeconds + 30, ...gateways.map((gateway) => gateway.terminationGraceSeconds ?? 0));
  return { replicas: Math.min(max, Math.max(min, Math.ceil(stations / connectionsPerReplica))), connectionsPerReplica, drainSeconds, graceSeconds };
}

/** Where a gateway finds its certificate; what the Secret says anew is taken without a restart. */
const tlsFolder = '/etc/csms/tls';

/** The gateways of a pool; nothing for a pool without members. */
export function gatewayPool(pool: Pool, platform: Platform): Desired[] {
  if (pool.members.length === 0) return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const size = sizeOfPool(pool);
  const production = platform.mode === 'production';
  const tlsSecret = platform.secrets.gatewayTls;
  const template = podTemplate({
    component: 'ocpp-gateway',
    labels: labelsOf('ocpp-gateway', owner),
    image: platform.images.gateway,
    env: {
      CSMS_MODE: platform.mode,
      LOG_LEVEL: platform.logLevel,
      ...(production ? { CSMS_OCPPS_PORT: String(platform.ocpp.port) } : { CSMS_OCPP_PORT: String(platform.ocpp.port) }),
      ...(tlsSecret === undefined ? {} : { CSMS_TLS_CERT_FILE: `${tlsFolder}/tls.crt`, CSMS_TLS_KEY_FILE: `${tlsFolder}/tls.key` }),
      CSMS_DEFAULT_TENANT: platform.defaultTenant ?? pool.namespace.tenant,
      CSMS_DRAIN_SECONDS: String(size.drainSeconds),
      CSMS_CONNECTIONS_MAX: String(size.connectionsPerReplica),
    },
    secrets: [platform.secrets.database, platform.secrets.bus, platform.secrets.gateway],
    ports: [{ name: 'ocpp', containerPort: platform.ocpp.port }],
    files: tlsSecret === undefined ? [] : [{ name: 'tls', secret: tlsSecret, folder: tlsFolder }],
    requests: { cpu: '250m', memory: '256Mi' },
    memoryMax: '1Gi',
    graceSeconds: size.graceSeconds,
    restartPolicy: 'Always',
  });
  return [
    {
      kind: deploymentKind,
      object: {
        apiVersion: deploymentKind.apiVersion,
        kind: deploymentKind.kind,
        metadata: { name: gatewayName(pool.name), namespace: pool.namespace.name, labels: labelsOf('ocpp-gateway', owner) },
        spec: {
          replicas: size.replicas,
          selector: { matchLabels: selectorOf('ocpp-gateway', owner) },
          strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
          template,
        },
      },
    },
  ];
}
