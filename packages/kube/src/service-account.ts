import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Agent } from 'undici';
import type { Transport } from './http-client.ts';

/** Where kubelet mounts a pod's token and the cluster's CA (kubernetes.io, "Accessing the Kubernetes API from a Pod"). */
const MOUNTED = '/var/run/secrets/kubernetes.io/serviceaccount';
const CONNECTIONS_MAX = 8;
/** A mounted token is renewed long before it ends; it is read anew this often, and at once when it is refused. */
const READ_EVERY_MS = 60_000;

/** The transport of a pod with its own service account. `host` and `port` are what kubelet says in KUBERNETES_SERVICE_HOST and _PORT. Throws where nothing is mounted. */
export async function serviceAccountTransport(options: { host: string; port: number; folder?: string }): Promise<Transport> {
  const folder = options.folder ?? MOUNTED;
  const ca = await readFile(join(folder, 'ca.crt'), 'utf8');
  const host = options.host.includes(':') ? `[${options.host}]` : options.host;
  return { origin: `https://${host}:${options.port}`, dispatcher: new Agent({ connections: CONNECTIONS_MAX, connect: { ca } }), ...bearerFile(join(folder, 'token')) };
}

/** The headers of a token that a file holds and that others renew. */
export function bearerFile(file: string): Required<Pick<Transport, 'headers' | 'renew'>> {
  let headers: Record<string, string> = {};
  let readAgainAtMs = 0;
  return {
    headers: async () => {
      if (Date.now() >= readAgainAtMs) {
        headers = { authorization: `Bearer ${(await readFile(file, 'utf8')).trim()}` };
        readAgainAtMs = Date.now() + READ_EVERY_MS;
      }
      return headers;
    },
    renew: () => {
      readAgainAtMs = 0;
    },
  };
}
