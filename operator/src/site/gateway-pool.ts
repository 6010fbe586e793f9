import { createHash } from 'node:crypto';
import type { Desired } from '@csms/kube/apply-and-prune';
import { autoscaledBy } from './autoscaler.ts';
import { poolCertificate } from './certificate.ts';
import { TEMPLATE_HASH, gatewayName, gatewayTlsName, labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';
import type { Offers, Platform } from './platform.ts';
import { podTemplate } from './pod.ts';
import { rollingDeployment } from './rolling-deployment.ts';
import { sizeOfPool } from './pool.ts';
import type { Pool } from './pool.ts';
import { serviceAccount } from './service-accounts.ts';
import { chosenVersion, versionLabel } from './versions.ts';

const PRE_STOP_SECONDS = 5;
/** No gateway gets a crowd: of the sockets that one gives up, at most so many come to the others within a second. */
const DRAIN_SHARE_PER_SECOND = 0.1;
/** So long a new gateway has to be ready before an old one goes. */
const MIN_READY_SECONDS = 5;

/** Where a gateway finds its certificate; what the Secret says anew is taken without a restart. */
const tlsFolder = '/etc/csms/tls';

/** The gateways of a pool, and who they are to the API server; nothing for a pool without members. How many there are is left unsaid where an autoscaler counts them. */
export function gatewayPool(pool: Pool, platform: Platform, offers: Offers): Desired[] {
  if (pool.members.length === 0) return [];
  const owner: Owner = { kind: 'pool', name: pool.name };
  const size = sizeOfPool(pool);
  const { version, images } = chosenVersion(pool.members, pool.running, platform);
  const production = platform.mode === 'production';
  const tlsSecret = poolCertificate(pool, platform, offers).length > 0 ? gatewayTlsName(pool.name) : platform.secrets.gatewayTls;
  const template = podTemplate({
    component: 'ocpp-gateway',
    labels: labelsOf('ocpp-gateway', owner),
    image: images.gateway,
    env: {
      CSMS_MODE: platform.mode,
      LOG_LEVEL: platform.logLevel,
      ...(production ? { CSMS_OCPPS_PORT: String(platform.ocpp.port) } : { CSMS_OCPP_PORT: String(platform.ocpp.port) }),
      ...(tlsSecret === undefined ? {} : { CSMS_TLS_CERT_FILE: `${tlsFolder}/tls.crt`, CSMS_TLS_KEY_FILE: `${tlsFolder}/tls.key` }),
      CSMS_DEFAULT_TENANT: platform.defaultTenant ?? pool.namespace.tenant,
      CSMS_DRAIN_SECONDS: String(size.drainSeconds),
      // Alone on its machine the gateways share a port, and whoever leaves is not waited for.
      ...(production ? { CSMS_DRAIN_SHARE_PER_SECOND: String(DRAIN_SHARE_PER_SECOND) } : {}),
      CSMS_CONNECTIONS_MAX: String(size.connectionsPerReplica),
    },
    secrets: [platform.secrets.database, platform.secrets.bus, platform.secrets.gateway],
    ports: [{ name: 'ocpp', containerPort: platform.ocpp.port }],
    files: tlsSecret === undefined ? [] : [{ name: 'tls', secret: tlsSecret, folder: tlsFolder }],
    requests: { cpu: '250m', memory: '256Mi' },
    memoryMax: '1Gi',
    graceSeconds: size.graceSeconds,
    preStopSeconds: PRE_STOP_SECONDS,
    spread: selectorOf('ocpp-gateway', owner),
    serviceAccount: gatewayName(pool.name),
    scheduling: platform.scheduling,
    restartPolicy: 'Always',
  });
  return [
    serviceAccount(gatewayName(pool.name), pool.namespace.name, 'ocpp-gateway', owner),
    rollingDeployment({
      name: gatewayName(pool.name),
      namespace: pool.namespace.name,
      labels: { ...labelsOf('ocpp-gateway', owner), ...versionLabel(version) },
      annotations: { [TEMPLATE_HASH]: hashOf(template) },
      selector: selectorOf('ocpp-gateway', owner),
      ...(autoscaledBy(platform, offers) === 'operator' ? { replicas: size.replicas } : {}),
      minReadySeconds: MIN_READY_SECONDS,
      template,
    }),
  ];
}

const hashOf = (template: unknown): string => createHash('sha256').update(JSON.stringify(template)).digest('hex').slice(0, 16);
