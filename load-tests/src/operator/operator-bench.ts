import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { loadConfig } from '@csms/kit';
import { z } from 'zod';
import type { BenchRow } from '../bench-row.ts';

const rootDir = join(import.meta.dirname, '../../..');
const cluster = 'bench-operator';
/** Nodes of kwok: 500 sites in 100 namespaces have some 300 pods, and a node takes 110. */
const fakeNodes = 20;
const Row = z.object({ what: z.string(), value: z.number(), unit: z.string(), limit: z.object({ atMost: z.number() }).optional(), detail: z.string() });

/** Longer and smaller forms. */
const settings = () => loadConfig({
  CSMS_BENCH_NAMESPACES: z.string().default('100').describe('namespaces of five sites each'),
  CSMS_BENCH_QUIET_SECONDS: z.string().default('60').describe('how long the operator is watched while nothing changes (O-16: 600)'),
  CSMS_BENCH_SOAK_SECONDS: z.string().default('0').describe('how long sites are edited and deleted (O-38: 7200)'),
});

/** The operator's process at 500 sites in 100 namespaces on a real API server, whose nodes and pods only seem to run (O-30, O-33 to O-38). The books are those of its tests: a small API in memory. */
export async function operatorBench(): Promise<BenchRow[]> {
  const { CSMS_BENCH_NAMESPACES: namespaces, CSMS_BENCH_QUIET_SECONDS: quiet, CSMS_BENCH_SOAK_SECONDS: soak } = settings();
  await run(['up', '--name', cluster, '--level', 'control-plane', '--fake-nodes', String(fakeNodes), '--owner-pid', String(process.pid)], () => undefined);
  try {
    const rows: BenchRow[] = [];
    await run(['exec', '--name', cluster, '--', process.execPath, join(rootDir, 'tools/cluster/suite/scale/measure.ts'), '--namespaces', namespaces, '--quiet-seconds', quiet, '--soak-seconds', soak], (line) => {
      const { limit, ...row } = Row.parse(JSON.parse(line));
      rows.push({ bench: 'operator', ...row, ...(limit === undefined ? {} : { limit }) });
    });
    return rows;
  } finally {
    await run(['down', '--name', cluster], () => undefined);
  }
}

/** Runs `npm run cluster -- ...` to its end; rejects where it fails. */
async function run(args: string[], online: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [join(rootDir, 'tools/cluster/src/main.ts'), ...args], { cwd: rootDir, stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = new Promise<number | null>((resolve, reject) => { child.once('error', reject); child.once('exit', resolve); });
  for await (const line of createInterface({ input: child.stdout })) if (line.trim() !== '') online(line);
  const code = await ended;
  if (code !== 0) throw new Error(`the cluster: ${args[0]} ended with ${String(code)}`);
}
