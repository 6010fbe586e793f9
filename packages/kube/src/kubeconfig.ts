import { readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { Agent } from 'undici';
import { parse } from 'yaml';
import type { Transport } from './http-client.ts';
import { listAt, at, stringAt } from './object.ts';
import { bearerFile } from './service-account.ts';

const RENEW_AFTER_MS = 60_000;
const CONNECTIONS_MAX = 8;

/**
 * The transport of a kubeconfig by its path. Tokens and client certificates are read here; only for what a program has to be asked for (exec
 * plugins, auth providers) is `@kubernetes/client-node` loaded: it costs most of a second and 60 to 90 MB. Errors: an Error that says what of the file is wrong.
 */
export async function kubeconfigTransport(path: string): Promise<Transport> {
  const config: unknown = parse(await readFile(path, 'utf8'));
  const named = (list: string, name: string | undefined, of: string): unknown => at(listAt(config, list).find((each) => stringAt(each, 'name') === name), of);
  const context = named('contexts', stringAt(config, 'current-context'), 'context');
  const cluster = named('clusters', stringAt(context, 'cluster'), 'cluster');
  const user = named('users', stringAt(context, 'user'), 'user');
  const server = stringAt(cluster, 'server');
  if (server === undefined) throw new Error(`The kubeconfig ${path} names no current cluster.`);
  const fileOf = (name: string): string => resolve(dirname(path), name);
  const pem = async (of: unknown, name: string): Promise<string | undefined> => {
    const data = stringAt(of, `${name}-data`);
    const file = stringAt(of, name);
    return data !== undefined ? Buffer.from(data, 'base64').toString('utf8') : file === undefined ? undefined : readFile(fileOf(file), 'utf8');
  };
  const [ca, cert, key] = await Promise.all([pem(cluster, 'certificate-authority'), pem(user, 'client-certificate'), pem(user, 'client-key')]);
  const dispatcher = new Agent({ connections: CONNECTIONS_MAX, connect: { ca, cert, key, rejectUnauthorized: at(cluster, 'insecure-skip-tls-verify') !== true } });
  const origin = server.replace(/\/$/, '');
  const asked = at(user, 'exec') !== undefined || at(user, 'auth-provider') !== undefined || at(user, 'username') !== undefined;
  if (asked) return { origin, dispatcher, ...(await askedHeaders(path)) };
  const token = stringAt(user, 'token');
  const tokenFile = stringAt(user, 'tokenFile');
  if (token === undefined && tokenFile !== undefined) return { origin, dispatcher, ...bearerFile(fileOf(tokenFile)) };
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  return { origin, dispatcher, headers: async () => headers };
}

/** Headers from whatever the kubeconfig says that has to be asked. */
async function askedHeaders(path: string): Promise<Pick<Transport, 'headers' | 'renew'>> {
  const { KubeConfig } = await import('@kubernetes/client-node');
  const config = new KubeConfig();
  config.loadFromFile(path);
  let headers: Record<string, string> = {};
  let renewAtMs = 0;
  return {
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
