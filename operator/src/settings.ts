import { ConfigError, commonSettings, loadConfig, port } from '@csms/kit';
import { z } from 'zod';
import { Platform } from './site/platform.ts';

/**
 * The operator's settings. CSMS_PLATFORM is one JSON object (site/platform.ts): what every site gets. The cluster is CSMS_CLUSTER_URL (a
 * local cluster's address with its token), else the file KUBECONFIG, else the pod's own service account.
 */
export const operatorSettings = {
  ...commonSettings,
  CSMS_CLUSTER_URL: z.url().optional(),
  KUBECONFIG: z.string().optional(),
  KUBERNETES_SERVICE_HOST: z.string().optional().describe('set by Kubernetes in every pod'),
  KUBERNETES_SERVICE_PORT: port.default(443).describe('set by Kubernetes in every pod'),
  CSMS_API_URL: z.url(),
  OIDC_ISSUER: z.url(),
  OIDC_AUDIENCE: z.string().default('csms-api'),
  OIDC_CLIENT_ID: z.string(),
  OIDC_CLIENT_SECRET: z.string(),
  CSMS_PLATFORM: z.string(),
  CSMS_LEASE_NAMESPACE: z.string().optional().describe("where the leader's lease is; absent: the platform's namespace"),
  CSMS_DISCOVERY_SECONDS: z.coerce.number().min(0.1).max(60).default(30).describe('how often the cluster is asked which optional kinds it serves'),
  CSMS_METRICS_API_PORT: port.optional().describe('where autoscalers are told the connections of gateways, over TLS and through the API server alone (custom.metrics.k8s.io); absent: nowhere'),
  CSMS_METRICS_API_CERT_FILE: z.string().default('/etc/csms/metrics-api/tls.crt').describe('its certificate, PEM; read again now and then'),
  CSMS_METRICS_API_KEY_FILE: z.string().default('/etc/csms/metrics-api/tls.key'),
  CSMS_WATCH_NAMESPACES: z.string().regex(/^[a-z0-9-]+(,[a-z0-9-]+)*$/, 'it is not a list of namespaces with commas between them').transform((text) => text.split(',')).optional().describe('the only namespaces whose sites are looked after, with commas between them; absent: all. Rights in those alone are then enough'),
  CSMS_WORKERS: z.coerce.number().int().min(1).max(64).default(4),
};

export type OperatorSettings = ReturnType<typeof loadConfig<typeof operatorSettings>> & { platform: Platform };

/** Reads and checks the settings. Throws ConfigError with one sentence a wrong value. */
export function readSettings(): OperatorSettings {
  const settings = loadConfig(operatorSettings);
  let json: unknown;
  try {
    json = JSON.parse(settings.CSMS_PLATFORM);
  } catch {
    throw new ConfigError('CSMS_PLATFORM is wrong: it is not JSON');
  }
  const platform = Platform.safeParse(json);
  if (!platform.success) throw new ConfigError(platform.error.issues.map((issue) => `CSMS_PLATFORM.${issue.path.join('.')} is wrong: ${issue.message}`).join('\n'));
  return { ...settings, platform: platform.data };
}
