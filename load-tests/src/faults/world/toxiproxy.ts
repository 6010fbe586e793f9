import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@csms/kit/config';
import { freePort } from '@csms/store/embedded-postgres';
import { z } from 'zod';
import { eventually, startChild } from './child.ts';
import { findProgram } from './redis.ts';

const version = '2.5.0';
const packagePath = `github.com/Shopify/toxiproxy/v2/cmd/server@v${version}`;

/** The toxics that the suite uses, with toxiproxy's own words. Latency and jitter in ms, rates in KB a second, sizes in bytes, delays in microseconds. */
export type Toxic =
  | { type: 'latency'; attributes: { latency: number; jitter?: number } }
  | { type: 'bandwidth'; attributes: { rate: number } }
  | { type: 'slicer'; attributes: { average_size: number; size_variation: number; delay: number } }
  | { type: 'reset_peer'; attributes: { timeout: number } }
  | { type: 'timeout'; attributes: { timeout: number } };

/** One way through toxiproxy to a server on this machine. */
export interface ProxiedWay {
  port: number;
  /** Poisons what flows to the server (upstream) or from it (downstream), until the returned function is called. */
  poison(stream: 'upstream' | 'downstream', toxic: Toxic): Promise<() => Promise<void>>;
  /** Down: connections end and none is taken. */
  setUp(up: boolean): Promise<void>;
}

export interface Toxiproxy {
  open(name: string, toPort: number): Promise<ProxiedWay>;
  close(): Promise<void>;
}

/**
 * Where the program is; it is built once with the Go toolchain and kept in CSMS_CACHE_DIR (default ~/.cache/csms). Throws a sentence where there
 * is no Go or the build fails.
 */
export function findToxiproxy(): string {
  const { CSMS_CACHE_DIR } = loadConfig({ CSMS_CACHE_DIR: z.string().default(join(homedir(), '.cache', 'csms')) });
  const kept = join(CSMS_CACHE_DIR, `toxiproxy-server-${version}`);
  if (existsSync(kept)) return kept;
  const onPath = findProgram(['toxiproxy-server']);
  if (onPath !== null) return onPath;
  const go = findProgram(['go']) ?? (existsSync('/usr/local/go/bin/go') ? '/usr/local/go/bin/go' : null);
  if (go === null) throw new Error('toxiproxy is built with the Go toolchain, and there is no go on PATH');
  mkdirSync(CSMS_CACHE_DIR, { recursive: true });
  const folder = mkdtempSync(join(CSMS_CACHE_DIR, 'build-'));
  try {
    const { status, stderr } = spawnSync(go, ['install', packagePath], { env: { ...process.env, GOBIN: folder }, encoding: 'utf8', timeout: 300_000 });
    if (status !== 0) throw new Error(`toxiproxy could not be built: ${stderr.trim().split('\n').at(-1) ?? 'no reason given'}`);
    renameSync(join(folder, 'server'), kept);
    return kept;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

export function needsToxiproxy(): string | null {
  try { findToxiproxy(); return null; } catch (error) { return error instanceof Error ? error.message : String(error); }
}

export async function startToxiproxy(): Promise<Toxiproxy> {
  const port = await freePort();
  const child = startChild(findToxiproxy(), ['-host', '127.0.0.1', '-port', String(port)]);
  const base = `http://127.0.0.1:${port}`;
  const ask = async (method: string, path: string, body?: unknown): Promise<unknown> => {
    const answer = await fetch(`${base}${path}`, { method, ...(body === undefined ? {} : { body: JSON.stringify(body) }), signal: AbortSignal.timeout(5_000) });
    if (!answer.ok) throw new Error(`toxiproxy said ${answer.status} to ${method} ${path}: ${await answer.text()}`);
    return answer.status === 204 ? null : answer.json();
  };
  await eventually('toxiproxy answers', () => ask('GET', '/proxies').then(() => true, () => false), 15_000);
  return {
    open: async (name, toPort) => {
      const { listen } = z.object({ listen: z.string() }).parse(await ask('POST', '/proxies', { name, listen: '127.0.0.1:0', upstream: `127.0.0.1:${toPort}`, enabled: true }));
      let toxics = 0;
      return {
        port: Number(listen.split(':').at(-1)),
        poison: async (stream, toxic) => {
          const label = `${name}-${(toxics += 1)}`;
          await ask('POST', `/proxies/${name}/toxics`, { name: label, stream, toxicity: 1, ...toxic });
          return async () => void await ask('DELETE', `/proxies/${name}/toxics/${label}`);
        },
        setUp: async (up) => void await ask('POST', `/proxies/${name}`, { enabled: up }),
      };
    },
    close: () => child.kill(),
  };
}
