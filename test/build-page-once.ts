import { spawnSync } from 'node:child_process';
import { resolve } from 'node:path';

/** Builds the dashboard's page before the first whole-process test, so that no two of them build it at once. */
export default function buildPageOnce(): void {
  const run = spawnSync(process.execPath, [resolve(import.meta.dirname, '../services/dashboard/src/build.ts')], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`the dashboard's page could not be built: ${run.stderr}`);
}
