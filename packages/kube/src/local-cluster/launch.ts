import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { createServer } from 'node:net';
import { createInterface } from 'node:readline';
import { containerEnv, type EnvSources } from '../container-env.ts';
import { at, listAt, numberAt, stringAt } from '../object.ts';

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
  secret: EnvSources['secret'];
  onLine(line: PodLine): void;
}
export interface Launched {
  child: ChildProcess;
  adminPort: number;
  readinessPath: string | undefined;
  graceMs: number;
  /** Resolves when the process is gone and its last line was forwarded; -1 after a signal or a failed start. */
  ended: Promise<number>;
}

export const nonce = (): string => randomBytes(4).toString('hex');

/**
 * Starts the first container of a pod template as a process, with POD_NAME (new at every start) and ADMIN_PORT (a free port) over its own
 * environment. Throws when the image or a secret is not there.
 */
export async function launch(host: Host, namespace: string, name: string, template: unknown): Promise<Launched> {
  const container = at(template, 'spec', 'containers', 0);
  const imageName = stringAt(container, 'image') ?? '';
  const image = host.images[imageName] ?? host.images[imageName.replace(/[@:][^/]*$/, '')];
  const [file, ...args] = image?.command ?? [];
  if (file === undefined) throw new Error(`No command is known here for the image "${imageName}".`);
  const adminPort = await freePort();
  const pod = `${name}-${nonce()}`;
  const env = { ...host.env, ...containerEnv(container, { namespace, pod, secret: host.secret }), POD_NAME: pod, ADMIN_PORT: String(adminPort) };
  const more = listAt(container, 'args').filter((arg) => typeof arg === 'string');
  const child = spawn(file, [...args, ...more], { env, stdio: ['ignore', 'pipe', 'pipe'], cwd: image?.cwd });
  for (const stream of ['stdout', 'stderr'] as const) createInterface({ input: child[stream] }).on('line', (line) => host.onLine({ pod, stream, line }));
  const ended = new Promise<number>((resolve) => {
    child.on('close', (code) => resolve(code ?? -1));
    child.on('error', (error) => host.onLine({ pod, stream: 'stderr', line: error.message }));
  });
  const graceMs = (numberAt(template, 'spec', 'terminationGracePeriodSeconds') ?? 30) * 1000;
  return { child, adminPort, readinessPath: stringAt(container, 'readinessProbe', 'httpGet', 'path'), graceMs, ended };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject).listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address !== null ? address.port : 0));
    });
  });
}
