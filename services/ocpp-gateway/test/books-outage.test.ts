import { readFileSync, readdirSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRawStation } from '../src/testing/raw-station.ts';
import { eventually, openPlatform, type Platform } from './gateway-process.ts';

let platform: Platform;
beforeAll(async () => { platform = await openPlatform(); });
afterAll(() => platform?.close());

/** A server and every process it has forked. */
function family(pid: number): number[] {
  const children = readdirSync('/proc').filter((name) => /^\d+$/.test(name)).filter((name) => {
    try { return readFileSync(`/proc/${name}/stat`, 'latin1').split(') ')[1]?.split(' ')[1] === String(pid); } catch { return false; }
  });
  return [pid, ...children.map(Number)];
}

it('while PostgreSQL stands still no socket drops, boot and heartbeat are answered, and a start is answered once, when its row is there', async () => {
  const passwords = await platform.register('OUTAGE');
  const gateway = await platform.startGateway();
  const station = await aRawStation({ port: gateway.port, identity: 'OUTAGE', password: passwords.get('OUTAGE') ?? '' });
  station.send([2, 'before', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Available' }]);
  await station.answer('before');
  const { pid } = platform.database;
  if (pid === null) throw new Error('this test needs a PostgreSQL of its own: unset CSMS_TEST_DATABASE_URL');
  const stopped = family(pid);
  for (const process of stopped) globalThis.process.kill(process, 'SIGSTOP');
  try {
    station.send([2, 'boot', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
    expect((await station.answer('boot'))[2]).toMatchObject({ status: 'Accepted' });
    station.send([2, 'beat', 'Heartbeat', {}]);
    expect((await station.answer('beat'))[0]).toBe(3);
    station.send([2, 'start', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
    station.send([2, 'behind', 'Heartbeat', {}]);
  } finally {
    for (const process of stopped) globalThis.process.kill(process, 'SIGCONT');
  }
  const [, , started] = await station.answer('start');
  expect(await platform.sql(`SELECT transaction_ref AS ref FROM session s JOIN station st ON st.id = s.station_id WHERE st.identity = 'OUTAGE'`)).toEqual([{ ref: String((started as { transactionId: number }).transactionId) }]);
  await station.answer('behind');
  expect(station.received.map(([, id]) => id)).toEqual(['before', 'boot', 'beat', 'start', 'behind']);
  await eventually(() => platform.sql<{ vendor: string | null }>(`SELECT vendor FROM station WHERE identity = 'OUTAGE'`), ([row]) => row?.vendor === 'V');
  expect(station.closed).toEqual([]);
  station.ws.terminate();
});
