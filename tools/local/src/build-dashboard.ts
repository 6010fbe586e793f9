import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { StartError } from './processes.ts';

/** Builds the dashboard's page when its sources are newer than what was built; says so, because it takes a few seconds. */
export async function buildDashboard(rootDir: string, say: (line: string) => void): Promise<void> {
  const child = spawn(process.execPath, [join(rootDir, 'services/dashboard/src/build.ts')], { cwd: rootDir, stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk: Buffer) => { output = (output + chunk.toString()).slice(-4_000); });
  const timer = setTimeout(() => say('building the dashboard (once) ...'), 1_500);
  const code = await new Promise<number>((done) => child.once('close', (ended) => done(ended ?? -1)));
  clearTimeout(timer);
  if (code !== 0) throw new StartError(`the dashboard's page could not be built: ${output.trim().split('\n').at(-1) ?? ''}`);
}
