import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchRow } from './bench-row.ts';

const rootDir = resolve(import.meta.dirname, '../..');

async function secondsToReady(dataDir: string): Promise<number> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(rootDir, 'tools/local/src/main.ts')], {
    cwd: rootDir, env: { ...process.env, CSMS_DATA_DIR: join(dataDir, 'data'), CSMS_OCPP_PORT: '0', CSMS_API_PORT: '0', CSMS_DASHBOARD_PORT: '0', CSMS_IDENTITY_PORT: '0' },
  });
  let text = '';
  child.stderr.on('data', (chunk: Buffer) => { text += chunk.toString(); });
  const ended = new Promise<void>((done) => child.once('close', () => done()));
  const ready = new Promise<void>((done) => child.stdout.on('data', (chunk: Buffer) => { text += chunk.toString(); if (/^ready in /m.test(text)) done(); }));
  await Promise.race([ready, ended.then(() => { throw new Error(`npm start ended: ${text}`); })]);
  const tookS = (performance.now() - began) / 1000;
  child.kill('SIGINT');
  await ended;
  return tookS;
}

/** `npm start` to `ready`: cold (nothing in the data folder, the page not built), then warm (the data is there). */
export async function startBench(): Promise<BenchRow[]> {
  const dataDir = mkdtempSync(join(tmpdir(), 'csms-start-bench-'));
  try {
    rmSync(join(rootDir, 'services/dashboard/dist'), { recursive: true, force: true });
    const [cold, warm] = [await secondsToReady(dataDir), await secondsToReady(dataDir)];
    return [
      { bench: 'start', what: 'npm start to ready, cold', value: cold, unit: 's', detail: 'page built, history imported' },
      { bench: 'start', what: 'npm start to ready, warm', value: warm, unit: 's', detail: '' },
    ];
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
