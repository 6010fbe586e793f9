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
  restartPolicy: 'Always' | 'Never';
}

/** A pod of one process under the restricted Pod Security Standard: no root, no privileges, a root file system that is read only. */
export function podTemplate(workload: Workload): Record<string, unknown> {
  const { files = [] } = workload;
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
    ...(serving ? { livenessProbe: { ...probe('/livez', 10), failureThreshold: 6 }, readinessProbe: probe('/readyz', 2) } : {}),
  };
  return {
    metadata: { labels: workload.labels },
    spec: {
      automountServiceAccountToken: false,
      restartPolicy: workload.restartPolicy,
      terminationGracePeriodSeconds: workload.graceSeconds,
      securityContext: { runAsNonRoot: true, runAsUser: 1000, runAsGroup: 1000, fsGroup: 1000, seccompProfile: { type: 'RuntimeDefault' } },
      containers: [container],
      volumes: [{ name: 'tmp', emptyDir: {} }, ...files.map(({ name, secret }) => ({ name, secret: { secretName: secret, defaultMode: 0o440 } }))],
    },
  };
}

function envList(env: Record<string, string | undefined>): EnvVar[] {
  const given = Object.entries(env).flatMap(([name, value]) => (value === undefined ? [] : [{ name, value }]));
  return [...given, { name: 'ADMIN_PORT', value: String(ADMIN_PORT) }, { name: 'POD_NAME', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }];
}
