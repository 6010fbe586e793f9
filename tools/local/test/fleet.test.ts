import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { RPCServer } from 'ocpp-rpc';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, it } from 'vitest';
import { z } from 'zod';

const main = join(import.meta.dirname, '../src/fleet/main.ts');
const undo: Array<() => unknown> = [];
afterEach(async () => { for (const step of undo.splice(0).reverse()) await step(); });

const State = z.object({ stations: z.array(z.object({
  identity: z.string(), connected: z.boolean(), cableCut: z.boolean(), queuedMessages: z.number(),
  connectors: z.array(z.object({ connectorId: z.number(), status: z.string(), sessionEnergyWh: z.number(), powerW: z.number() })),
})) });
const TruthAnswer = z.object({ transactions: z.array(z.object({
  identity: z.string(), idTag: z.string(), transactionRef: z.string().nullable(), startAcknowledged: z.boolean(), stopAcknowledged: z.boolean(), energyWh: z.number().nullable(),
})) });

it('the fleet plugs, taps, loses its cable, goes on and catches up, as its control server is told', async () => {
  let transactionIds = 0;
  const received: string[] = [];
  const csms = new RPCServer({ protocols: ['ocpp1.6', 'ocpp2.0.1'], strictMode: true });
  csms.on('client', (client) => client.handle(({ method, params }: { method: string; params: Record<string, unknown> }) => {
    received.push(method);
    const now = { currentTime: new Date().toISOString() };
    switch (method) {
      case 'BootNotification': return { status: 'Accepted', interval: 300, ...now };
      case 'Heartbeat': return now;
      case 'Authorize': return 'idTag' in params ? { idTagInfo: { status: 'Accepted' } } : { idTokenInfo: { status: 'Accepted' } };
      case 'StartTransaction': return { transactionId: ++transactionIds, idTagInfo: { status: 'Accepted' } };
      default: return {};
    }
  }));
  const http = await csms.listen(0, '127.0.0.1');
  const folder = mkdtempSync(join(tmpdir(), 'fleet-'));
  undo.push(() => rmSync(folder, { recursive: true, force: true }), () => csms.close({ force: true }));

  const token = 'a token for the control server';
  const connectors = [{ powerMaxW: 7_400 }];
  writeFileSync(join(folder, 'fleet.json'), JSON.stringify({
    ocppUrl: `ws://127.0.0.1:${(http.address() as AddressInfo).port}/ocpp`, tenant: 'demo', speed: 60, dataDir: folder, cards: { known: ['CARD1'] },
    control: { port: 0, token },
    stations: [
      { identity: 'CP_111', password: 'x', dialect: '1.6', connectors, behaviour: 'manual', configuration: { MeterValueSampleInterval: '1' } },
      { identity: 'CP_321', password: 'x', dialect: '2.0.1', connectors, behaviour: 'auto' },
    ],
  }));
  const child = spawn(process.execPath, [main, join(folder, 'fleet.json')], { stdio: ['ignore', 'pipe', 'pipe'], env: { PATH: process.env['PATH'] ?? '' } });
  const exited = new Promise((resolve) => child.once('exit', resolve));
  undo.push(async () => { child.kill('SIGKILL'); await exited; });
  const heard: string[] = [];
  child.stderr.on('data', (data: Buffer) => heard.push(String(data)));
  const port = await new Promise<string>((resolve, reject) => {
    createInterface({ input: child.stdout }).on('line', (line) => {
      heard.push(line);
      const match = /"event":"ready","port":(\d+)/.exec(line);
      if (match?.[1]) resolve(match[1]);
    });
    void exited.then(() => reject(new Error(`the fleet ended:\n${heard.join('\n')}`)));
  });

  const ask = async (method: string, path: string, body?: object) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, { method, headers: { authorization: `Bearer ${token}` }, ...(body && { body: JSON.stringify(body) }) });
    return { status: response.status, json: await response.json() };
  };
  const cp111 = async () => State.parse((await ask('GET', '/state')).json).stations.find((station) => station.identity === 'CP_111');
  const until = async (holds: (station: NonNullable<Awaited<ReturnType<typeof cp111>>>) => boolean) => {
    for (;;) {
      const station = await cp111();
      if (station && holds(station)) return;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  };
  const act = async (action: string, body: object = {}) => expect(await ask('POST', `/stations/CP_111/${action}`, body)).toMatchObject({ status: 200 });

  expect((await fetch(`http://127.0.0.1:${port}/state`)).status).toBe(401);
  expect((await ask('POST', '/stations/NOBODY/plug', { connectorId: 1 })).status).toBe(404);
  await until((station) => station.connected);
  await act('plug', { connectorId: 1 });
  await act('tap', { connectorId: 1, idTag: 'CARD1' });
  await until((station) => station.connectors[0]?.status === 'Charging' && (station.connectors[0]?.powerW ?? 0) > 1_000);
  await act('cut');
  await until((station) => !station.connected && station.cableCut && station.queuedMessages >= 2);
  await act('unplug', { connectorId: 1 });
  const offline = TruthAnswer.parse((await ask('GET', '/truth')).json).transactions.find((one) => one.identity === 'CP_111');
  expect(offline).toMatchObject({ idTag: 'CARD1', startAcknowledged: true, stopAcknowledged: false });
  await act('restore');
  await until((station) => station.connected && station.queuedMessages === 0);
  const truth = TruthAnswer.parse((await ask('GET', '/truth')).json).transactions.find((one) => one.identity === 'CP_111');
  expect(truth).toMatchObject({ transactionRef: expect.stringMatching(/^\d+$/), stopAcknowledged: true });
  expect(truth?.energyWh).toBeGreaterThan(0);
  await act('fault', { connectorId: 1 });
  await until((station) => station.connectors[0]?.status === 'Faulted');
  await act('clear', { connectorId: 1 });
  await until((station) => station.connectors[0]?.status === 'Available');

  // The other station lives by itself: within seconds its first visitor has plugged in and tapped.
  while (!received.includes('TransactionEvent')) await new Promise((resolve) => setTimeout(resolve, 50));
  child.kill('SIGTERM');
  expect(await exited).toBe(0);
});
