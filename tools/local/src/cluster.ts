import { createWriteStream, type WriteStream } from 'node:fs';
import { join } from 'node:path';
import { chargingSiteKind, checkChargingSite } from '@csms/contracts/charging-site/index';
import { startLocalCluster, type Image, type LocalCluster } from '@csms/kube/local-cluster/index';
import type { Secrets } from './state-dir.ts';

/** Where the platform's own objects live, as in a real cluster. */
export const platformNamespace = 'csms-system';

export const images = { gateway: 'csms/ocpp-gateway', dashboard: 'csms/dashboard', trainer: 'csms/ml-trainer' };

/** The local cluster with our images and our one own kind; every pod writes to <logDir>/<deployment>.log. */
export async function openCluster(options: { rootDir: string; logDir: string; onLine?: (pod: string, line: string) => void }): Promise<LocalCluster> {
  const run = (main: string): Image => ({ command: [process.execPath, join(options.rootDir, main)], cwd: options.rootDir });
  const logs = new Map<string, WriteStream>();
  const logOf = (pod: string) => {
    const name = pod.replace(/(-[0-9a-f]{6,10})+$/, '');
    let log = logs.get(name);
    if (!log) logs.set(name, (log = createWriteStream(join(options.logDir, `${name}.log`), { flags: 'a' })));
    return log;
  };
  return startLocalCluster({
    kinds: [chargingSiteKind],
    images: {
      [images.gateway]: run('services/ocpp-gateway/src/main.ts'),
      [images.dashboard]: run('services/dashboard/src/main.ts'),
      [images.trainer]: run('services/ml-trainer/src/main.ts'),
    },
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/', TZ: 'UTC' },
    admit: (object, old) => (object.kind === chargingSiteKind.kind ? checkChargingSite(object, old)?.message : undefined),
    onLine: ({ pod, line }) => { logOf(pod).write(`${line}\n`); options.onLine?.(pod, line); },
  });
}

/** What Helm would put beside the operator: the Secrets from which the processes of a site are configured. */
export function platformObjects(input: { databaseUrl: string; busEnv: Record<string, string>; secrets: Secrets; gatewayEnv: Record<string, string>; dashboardClientId: string; dashboardClientSecret: string }) {
  const secret = (name: string, values: Record<string, string>) => ({
    apiVersion: 'v1', kind: 'Secret', metadata: { name, namespace: platformNamespace },
    data: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, Buffer.from(value).toString('base64')])),
  });
  return [
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: platformNamespace } },
    secret('csms-database', { DATABASE_URL: input.databaseUrl }),
    secret('csms-bus', input.busEnv),
    secret('csms-gateway', { CSMS_CREDENTIAL_PEPPER: input.secrets.credentialPepper, ...input.gatewayEnv }),
    secret('csms-dashboard', { OIDC_CLIENT_ID: input.dashboardClientId, OIDC_CLIENT_SECRET: input.dashboardClientSecret, CSMS_COOKIE_SECRET: input.secrets.cookieSecret }),
  ];
}
