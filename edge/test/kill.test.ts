import { spawn, type ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, expect, it } from 'vitest';
import { startCsmsPeer, until, type CsmsPeer } from './csms-peer.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const folder = mkdtempSync(join(tmpdir(), 'edge-kill-'));
const processes: ChildProcess[] = [];
let csms: CsmsPeer | undefined;

afterEach(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await csms?.close();
  rmSync(folder, { recursive: true, force: true });
});

function start(config: string): { child: ChildProcess; heard: string[]; exited: Promise<unknown> } {
  const child = spawn(process.execPath, [main, config], { stdio: ['pipe', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } });
  processes.push(child);
  const heard: string[] = [];
  child.stdout.on('data', (data: Buffer) => heard.push(String(data)));
  child.stderr.on('data', (data: Buffer) => heard.push(String(data)));
  return { child, heard, exited: new Promise((resolve) => child.once('exit', resolve)) };
}

it('a charger that is killed while it charges without a line tells all of it after the next start, ended by PowerLoss', async () => {
  csms = await startCsmsPeer();
  const port = Number(new URL(csms.url).port);
  await csms.close();
  csms = undefined;

  const config = join(folder, 'charger.json');
  writeFileSync(config, JSON.stringify({
    url: `ws://127.0.0.1:${port}`, identity: 'CP_KILL', dataDir: join(folder, 'data'), configuration: { MeterValueSampleInterval: '1', AllowOfflineTxForUnknownId: 'true' },
  }));
  const queued = () => {
    try {
      return readFileSync(join(folder, 'data/queue.jsonl'), 'utf8').split('\n').filter((line) => line.includes('"put"')).length;
    } catch {
      return 0;
    }
  };
  const first = start(config);
  first.child.stdin?.write('plug\ntap CARD1\n');
  await until('queued readings on the disk', () => queued() >= 3);
  expect(statSync(join(folder, 'data/kept.jsonl')).mode & 0o077).toBe(0);
  first.child.kill('SIGKILL');
  await first.exited;
  // The power went in the middle of a write.
  writeFileSync(join(folder, 'data/queue.jsonl'), `${readFileSync(join(folder, 'data/queue.jsonl'), 'utf8')}{"put":99,"record":{"ki`);
  const owed = queued() - 1;

  csms = await startCsmsPeer({ port });
  const peer = csms;
  start(config);
  await until('the stop', () => peer.of('StopTransaction').length === 1);
  expect(peer.of('StartTransaction')).toHaveLength(1);
  expect(peer.of('StartTransaction')[0]?.params).toMatchObject({ idTag: 'CARD1', meterStart: 0 });
  expect(peer.of('MeterValues')).toHaveLength(owed - 1);
  const registers = peer.of('MeterValues').map((call) => Number(/"value":"(\d+)"/.exec(JSON.stringify(call.params))?.[1]));
  const stop = peer.of('StopTransaction')[0]?.params ?? {};
  expect(stop).toMatchObject({ transactionId: 101, reason: 'PowerLoss' });
  expect(Number(stop['meterStop'])).toBeGreaterThanOrEqual(Math.max(...registers));
});
