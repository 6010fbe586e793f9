import { spawn, spawnSync } from 'node:child_process';
import { connect, createServer, type AddressInfo } from 'node:net';
import { findProgram } from './redis.ts';

/*
 * A small network of a run's own: two namespaces, `core` with everything but one gateway, `far` with that one, and a cable for each purpose between them.
 * Nothing of it touches the machine's own network; addresses exist inside the two namespaces alone.
 */

export const cables = ['street', 'detour', 'database', 'bus'] as const;
export type Cable = (typeof cables)[number];
export interface Namespaces { core: string; far: string }

/** The address of an end of a cable. */
export function addressOf(cable: Cable, end: 'core' | 'far'): string {
  return `10.77.${cables.indexOf(cable) + 1}.${end === 'core' ? 1 : 2}`;
}

/** Null: this machine lets us make namespaces; else why not. */
export function needsNamespaces(): string | null {
  if (process.getuid?.() !== 0) return 'network namespaces need root';
  if (findProgram(['ip']) === null) return 'there is no ip (iproute2) on PATH';
  const probe = `csms-probe-${process.pid}`;
  const made = spawnSync('ip', ['netns', 'add', probe], { encoding: 'utf8' });
  if (made.status !== 0) return `this machine makes no network namespace: ${made.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', probe]);
  return null;
}

/** Makes the two namespaces with their cables; `close` takes them down again. */
export function openNamespaces(): Namespaces & { close(): void } {
  const core = `csms-core-${process.pid}`;
  const far = `csms-far-${process.pid}`;
  const close = (): void => { process.off('exit', close); for (const name of [core, far]) spawnSync('ip', ['netns', 'del', name]); };
  process.once('exit', close);
  try {
    for (const name of [core, far]) {
      ip('netns', 'add', name);
      ip('-n', name, 'link', 'set', 'lo', 'up');
    }
    for (const cable of cables) {
      ip('-n', core, 'link', 'add', cable, 'type', 'veth', 'peer', 'name', cable, 'netns', far);
      for (const [name, end] of [[core, 'core'], [far, 'far']] as const) {
        ip('-n', name, 'addr', 'add', `${addressOf(cable, end)}/24`, 'dev', cable);
        ip('-n', name, 'link', 'set', cable, 'up');
      }
    }
  } catch (error) {
    close();
    throw error;
  }
  return { core, far, close };
}

/** Cuts a cable, without a word to either end, or mends it. */
export function setCable({ core }: Namespaces, cable: Cable, whole: boolean): void {
  ip('-n', core, 'link', 'set', cable, whole ? 'up' : 'down');
}

/** The command line that runs a program in a namespace. */
export function inside(name: string): string[] {
  return ['ip', 'netns', 'exec', name];
}

/** Runs a program in a namespace with this terminal; resolves with its exit code. */
export function runInside(name: string, command: string[]): Promise<number> {
  const line = [...inside(name), ...command];
  return new Promise((resolve) => {
    const child = spawn(line[0]!, line.slice(1), { stdio: 'inherit' });
    const end = (): void => void child.kill('SIGTERM');
    process.once('exit', end);
    child.once('exit', (code) => { process.off('exit', end); resolve(code ?? 1); });
  });
}

/** GET of an address that exists in the far namespace alone. */
export function askInside(name: string, url: string): string {
  const script = `fetch(${JSON.stringify(url)}).then(async (answer) => process.stdout.write(answer.status + ' ' + await answer.text()))`;
  const line = [...inside(name), process.execPath, '-e', script];
  return spawnSync(line[0]!, line.slice(1), { encoding: 'utf8', timeout: 10_000 }).stdout;
}

/** Takes connections on a cable's core end and passes them to a port of this namespace's loopback. */
export async function forward(cable: Cable, toPort: number): Promise<{ port: number; close(): void }> {
  const server = createServer((near) => {
    const onward = connect(toPort, '127.0.0.1');
    near.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.pipe(onward).pipe(near);
  });
  await new Promise<void>((resolve, reject) => { server.once('error', reject); server.listen(0, addressOf(cable, 'core'), resolve); });
  server.unref();
  return { port: (server.address() as AddressInfo).port, close: () => server.close() };
}

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr.trim()}`);
}
