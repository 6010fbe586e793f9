import { readFileSync } from 'node:fs';
import { Agent } from 'undici';
import type { Transport } from './http-client.ts';

const RENEW_AFTER_MS = 60_000;

/**
 * The transport of a kubeconfig (path), or of the pod's own service account when there is none. `@kubernetes/client-node` does the
 * authentication (exec plugins, tokens, client certificates) and is loaded only here: it costs a second and 90 MB.
 * Errors: whatever client-node says about a broken file.
 */
export async function kubeconfigTransport(path: string | undefined): Promise<Transport> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  if (path === undefined) config.loadFromCluster();
  else config.loadFromFile(path);
  const cluster = config.getCurrentCluster();
  if (cluster === null) throw new Error('The kubeconfig names no current cluster.');
  const tls = { ca: pem(cluster.caData, cluster.caFile), rejectUnauthorized: cluster.skipTLSVerify !== true };
  const user = config.getCurrentUser();
  const dispatcher = new Agent({
    connections: 8,
    connect: { ...tls, cert: pem(user?.certData, user?.certFile), key: pem(user?.keyData, user?.keyFile) },
  });
  let headers: Record<string, string> = {};
  let renewAtMs = 0;
  return {
    origin: cluster.server.replace(/\/$/, ''),
    dispatcher,
    headers: async () => {
      if (Date.now() >= renewAtMs) {
        const options: { headers: Record<string, string> } = { headers: {} };
        await config.applyToHTTPSOptions(options);
        headers = Object.fromEntries(Object.entries(options.headers).map(([name, value]) => [name.toLowerCase(), value]));
        renewAtMs = Date.now() + RENEW_AFTER_MS;
      }
      return headers;
    },
    renew: () => {
      renewAtMs = 0;
    },
  };
}

function pem(data: string | undefined, file: string | undefined): string | undefined {
  if (data !== undefined) return Buffer.from(data, 'base64').toString('utf8');
  return file === undefined ? undefined : readFileSync(file, 'utf8');
}
