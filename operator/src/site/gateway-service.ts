import { serviceKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { SCRAPED_LABEL, gatewayName, gatewayPodsName, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Pool } from './pool.ts';
import type { Platform } from './platform.ts';
import { ADMIN_PORT } from './pod.ts';

/**
 * The two Services of a pool: the one that stations come to, and a headless one that names each gateway, also one that drains, so that
 * all can be asked and scraped.
 */
export function gatewayServices(pool: Pool, platform: Platform): Desired[] {
  if (pool.members.length === 0) return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const { type, externalTrafficPolicy, annotations } = platform.service;
  const labels = labelsOf('ocpp-gateway', owner);
  const selector = selectorOf('ocpp-gateway', owner);
  const namespace = pool.namespace.name;
  const stations = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: gatewayName(pool.name), namespace, labels, ...(Object.keys(annotations).length === 0 ? {} : { annotations }) },
    spec: {
      type,
      ...(type === 'LoadBalancer' ? { externalTrafficPolicy } : {}),
      selector,
      // Chargers speak WebSocket inside TLS, which a Service cannot see: to it this is TCP. In the lab it is WebSocket as it is (GEP-1911).
      ports: [{ name: 'ocpp', port: platform.mode === 'production' ? 443 : 80, targetPort: 'ocpp', protocol: 'TCP', ...(platform.mode === 'production' ? {} : { appProtocol: 'kubernetes.io/ws' }) }],
    },
  };
  const pods = {
    apiVersion: 'v1',
    kind: 'Service',
    metadata: { name: gatewayPodsName(pool.name), namespace, labels: { ...labels, ...SCRAPED_LABEL } },
    spec: { type: 'ClusterIP', clusterIP: 'None', publishNotReadyAddresses: true, selector, ports: [{ name: 'admin', port: ADMIN_PORT, targetPort: 'admin', protocol: 'TCP' }] },
  };
  return [stations, pods].map((object) => ({ kind: serviceKind, object }));
}
