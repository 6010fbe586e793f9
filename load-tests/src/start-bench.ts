import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';

/* `npm start` to `ready`: cold (nothing in the data folder, the page not built), then warm (the data is there). */
const rootDir = resolve(import.meta.dirname, '../..');
const dataDir = mkdtempSync(join(tmpdir(), 'csms-start-bench-'));

async function seconds(): Promise<number> {
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

try {
  rmSync(join(rootDir, 'services/dashboard/dist'), { recursive: true, force: true });
  const [cold, warm] = [await seconds(), await seconds()];
  process.stdout.write(`npm start to ready: cold ${cold.toFixed(1)} s (page built, history imported), warm ${warm.toFixed(1)} s\n`);
} finally {
  rmSync(dataDir, { recursive: true, force: true });
}
