import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { at, isRecord, listAt, numberAt, stringAt } from '../object.ts';

/** What an image name means on this machine. */
export interface Image {
  command: string[];
  cwd?: string;
}

export interface PodLine {
  pod: string;
  stream: 'stdout' | 'stderr';
  line: string;
}

/** What processes get from the machine: what images mean, the environment below the container's own, secrets, a place for lines. */
export interface Host {
  images: Record<string, Image>;
  env: Record<string, string>;
  secret(namespace: string, name: string): Record<string, string> | undefined;
  onLine(line: PodLine): void;
}

export interface Launched {
  child: ChildProcess;
  adminPort: number;
  readinessPath: string | undefined;
  graceMs: number;
  /** Resolves when the process is gone and its last line was forwarded; the code is -1 after a signal or a failed start. */
  ended: Promise<number>;
}

export const nonce = (): string => randomBytes(4).toString('hex');

/**
 * Starts the first container of a pod template as a process. It gets the container's env (values, secretKeyRef, fieldRef of the pod's
 * name and namespace, envFrom secrets), POD_NAME (new at every start) and ADMIN_PORT (a free port).
 * Throws when the image or a secret is not there.
 */
export async function launch(host: Host, namespace: string, pod: string, template: unknown): Promise<Launched> {
  const container = at(template, 'spec', 'containers', 0);
  const name = stringAt(container, 'image') ?? '';
  const image = host.images[name] ?? host.images[name.replace(/[@:][^/]*$/, '')];
  const [file, ...args] = image?.command ?? [];
  if (image === undefined || file === undefined) throw new Error(`No command is known here for the image "${name}".`);
  const adminPort = await freePort();
  const start = `${pod}-${nonce()}`;
  const env = { ...host.env, ...containerEnv(host, namespace, start, container), POD_NAME: start, ADMIN_PORT: String(adminPort) };
  const more = listAt(container, 'args').filter((arg) => typeof arg === 'string');
  const child = spawn(file, [...args, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'], ...(image.cwd === undefined ? {} : { cwd: image.cwd }) });
  for (const stream of ['stdout', 'stderr'] as const) createInterface({ input: child[stream] }).on('line', (line) => host.onLine({ pod: start, stream, line }));
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code) => resolve(code ?? -1));
    child.on('error', (error) => {
      host.onLine({ pod: start, stream: 'stderr', line: error.message });
      if (child.pid === undefined) resolve(-1);
    });
  });
  const readinessPath = stringAt(container, 'readinessProbe', 'httpGet', 'path');
  return { child, adminPort, readinessPath, graceMs: (numberAt(template, 'spec', 'terminationGracePeriodSeconds') ?? 30) * 1000, ended };
}

function containerEnv(host: Host, namespace: string, pod: string, container: unknown): Record<string, string> {
  const env: Record<string, string> = {};
  const secret = (ref: unknown): Record<string, string> => {
    const name = stringAt(ref, 'name') ?? '';
    const data = host.secret(namespace, name);
    if (data === undefined && at(ref, 'optional') !== true) throw new Error(`The secret ${namespace}/${name} does not exist.`);
    return data ?? {};
  };
  for (const source of listAt(container, 'envFrom')) if (isRecord(at(source, 'secretRef'))) Object.assign(env, secret(at(source, 'secretRef')));
  for (const entry of listAt(container, 'env')) {
    const key = at(entry, 'valueFrom', 'secretKeyRef');
    const field = stringAt(entry, 'valueFrom', 'fieldRef', 'fieldPath');
    const value = isRecord(key) ? secret(key)[stringAt(key, 'key') ?? ''] : field === 'metadata.namespace' ? namespace : field === 'metadata.name' ? pod : stringAt(entry, 'value');
    if (value === undefined && isRecord(key) && key['optional'] !== true) throw new Error(`The secret ${namespace}/${stringAt(key, 'name')} has no key "${stringAt(key, 'key')}".`);
    if (value !== undefined) env[stringAt(entry, 'name') ?? ''] = value;
  }
  return env;
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
