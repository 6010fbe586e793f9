import { spawn } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { z } from 'zod';
import type { BenchRow } from './bench-row.ts';
import { openBenchPlatform, type TlsFiles } from './fleet/bench-platform.ts';
import { openFleet } from './fleet/open-fleet.ts';

const sockets = 10_000;
/** Connected before the first look, so that code, caches and pools that come with the first sockets are not counted. */
const warm = 1_000;
const collector = `file://${join(import.meta.dirname, 'codec/gc-on-signal.ts')}`;
const flags = ['--expose-gc', '--import', collector];
const pause = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

/** Memory of an idle socket after its boot, of a whole gateway and of `ws` + ajv, plain and over TLS: what the process has more with 10,000 than with 1,000. */
export async function memoryBench(): Promise<BenchRow[]> {
  const rows: BenchRow[] = [];
  for (const tls of [false, true]) {
    const platform = await openBenchPlatform({ stations: sockets, durable: false, tls });
    try {
      const gateway = await platform.startGateway({}, flags);
      const ours = await perSocket(gateway.pid, { port: tls ? platform.tlsPort : platform.port, password: platform.password, ...(platform.tls === null ? {} : { caFile: platform.tls.caFile }) });
      gateway.process.kill('SIGKILL');
      const peer = await startPeer(platform.tls);
      const theirs = await perSocket(peer.pid, { port: peer.port, password: platform.password, ...(platform.tls === null ? {} : { caFile: platform.tls.caFile }) });
      peer.stop();
      rows.push({
        bench: 'memory', what: `memory of an idle socket${tls ? ' over TLS' : ''} against ws + ajv`, value: ours / theirs, unit: 'times', limit: { atMost: 1.3 },
        detail: `${(ours / 1024).toFixed(1)} KiB and ${(theirs / 1024).toFixed(1)} KiB a socket at ${sockets.toLocaleString('en')}`,
      });
    } finally {
      await platform.close();
    }
  }
  return rows;
}

async function perSocket(pid: number, way: { port: number; password: string; caFile?: string }): Promise<number> {
  const fleet = openFleet({ ...way, count: sockets });
  try {
    await fleet.connect({ from: 0, count: warm, window: 200 });
    const before = await held(pid);
    await fleet.connect({ from: warm, count: sockets - warm, window: 200 });
    return ((await held(pid)) - before) / (sockets - warm);
  } finally {
    await fleet.close();
  }
}

/** Bytes that the process holds once it has nothing to do and has collected its garbage. */
async function held(pid: number): Promise<number> {
  let least = Infinity;
  for (let n = 0; n < 4; n += 1) {
    await pause(1_500);
    process.kill(pid, 'SIGUSR2');
    await pause(500);
    least = Math.min(least, Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) * 1024);
  }
  return least;
}

async function startPeer(tls: TlsFiles | null): Promise<{ pid: number; port: number; stop: () => void }> {
  const child = spawn(process.execPath, [...flags, join(import.meta.dirname, 'codec/ajv-server.ts'), ...(tls === null ? [] : [tls.certificateFile, tls.keyFile])], { stdio: ['pipe', 'pipe', 'inherit'] });
  const { value, done } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  if (done) throw new Error('ws + ajv did not start');
  return { pid: child.pid ?? 0, port: z.object({ port: z.number() }).parse(JSON.parse(value)).port, stop: () => child.stdin.end() };
}
