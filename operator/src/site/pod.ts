import type { Platform } from './platform.ts';

/** The port on which each process serves /metrics, /livez and /readyz. */
export const ADMIN_PORT = 9464;

export type EnvVar = { name: string; value: string } | { name: string; valueFrom: { fieldRef: { fieldPath: string } } };

export interface Workload {
  component: string;
  labels: Record<string, string>;
  image: string;
  env: Record<string, string | undefined>;
  /** Secrets whose keys become environment variables. */
  secrets: string[];
  /** Secrets whose keys are files in a folder, for what may change while the process runs. */
  files?: { name: string; secret: string; folder: string }[];
  ports: { name: string; containerPort: number }[];
  requests: { cpu: string; memory: string };
  memoryMax: string;
  graceSeconds: number;
  /** For how long a pod that is to end goes on as before, while the news of it spreads to whoever sends connections. */
  preStopSeconds?: number;
  /** The labels by which its Deployment knows it: pods of one Deployment keep to different machines where they can. */
  spread?: Record<string, string>;
  serviceAccount: string;
  scheduling: Platform['scheduling'];
  restartPolicy: 'Always' | 'Never';
}

/** A pod of one process under the restricted Pod Security Standard: no root, no privileges, a root file system that is read only. */
export function podTemplate(workload: Workload): Record<string, unknown> {
  const { files = [], scheduling, spread } = workload;
  const serving = workload.restartPolicy === 'Always';
  const probe = (path: string, periodSeconds: number): Record<string, unknown> => ({ httpGet: { path, port: 'admin' }, periodSeconds });
  const container = {
    name: workload.component,
    image: workload.image,
    env: envList(workload.env),
    envFrom: workload.secrets.map((name) => ({ secretRef: { name } })),
    ports: [...workload.ports, { name: 'admin', containerPort: ADMIN_PORT }],
    resources: { requests: workload.requests, limits: { memory: workload.memoryMax } },
    securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    volumeMounts: [{ name: 'tmp', mountPath: '/tmp' }, ...files.map(({ name, folder }) => ({ name, mountPath: folder, readOnly: true }))],
    ...(workload.preStopSeconds === undefined ? {} : { lifecycle: { preStop: { sleep: { seconds: workload.preStopSeconds } } } }),
    ...(serving ? { startupProbe: { ...probe('/livez', 1), failureThreshold: 60 }, livenessProbe: { ...probe('/livez', 10), failureThreshold: 6 }, readinessProbe: probe('/readyz', 2) } : {}),
  };
  return {
    metadata: { labels: workload.labels },
    spec: {
      serviceAccountName: workload.serviceAccount,
      automountServiceAccountToken: false,
      // Variables named after Services would be read as settings: CSMS_API_PORT.
      enableServiceLinks: false,
      restartPolicy: workload.restartPolicy,
      terminationGracePeriodSeconds: workload.graceSeconds,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container],
      ...(spread === undefined ? {} : { topologySpreadConstraints: spreadOver(spread) }),
      ...(scheduling.priorityClassName === undefined ? {} : { priorityClassName: scheduling.priorityClassName }),
      ...(Object.keys(scheduling.nodeSelector).length === 0 ? {} : { nodeSelector: scheduling.nodeSelector }),
      ...(scheduling.tolerations.length === 0 ? {} : { tolerations: scheduling.tolerations }),
      ...(scheduling.imagePullSecrets.length === 0 ? {} : { imagePullSecrets: scheduling.imagePullSecrets.map((name) => ({ name })) }),
      volumes: [{ name: 'tmp', emptyDir: {} }, ...files.map(({ name, secret }) => ({ name, secret: { secretName: secret, defaultMode: 0o440 } }))],
    },
  };
}

/** Over machines and over zones; a pod that cannot be placed so is placed all the same. */
function spreadOver(matchLabels: Record<string, string>): Record<string, unknown>[] {
  const over = (topologyKey: string): Record<string, unknown> => ({ maxSkew: 1, topologyKey, whenUnsatisfiable: 'ScheduleAnyway', labelSelector: { matchLabels }, matchLabelKeys: ['pod-template-hash'] });
  return [over('kubernetes.io/hostname'), over('topology.kubernetes.io/zone')];
}

function envList(env: Record<string, string | undefined>): EnvVar[] {
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [...given, { name: 'ADMIN_PORT', value: String(ADMIN_PORT) }, { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
}
