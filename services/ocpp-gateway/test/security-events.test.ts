import { severityOf, standardEvents } from '@csms/domain/security-event/security-event';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRawStation, type RawStation } from '../src/testing/raw-station.ts';
import { openPlatform, type GatewayProcess, type Platform } from './gateway-process.ts';

let platform: Platform;
let gateway: GatewayProcess;
let station: RawStation;
beforeAll(async () => {
  platform = await openPlatform();
  gateway = await platform.startGateway();
  const passwords = await platform.register('GUARDED');
  station = await aRawStation({ port: gateway.port, identity: 'GUARDED', password: passwords.get('GUARDED') ?? '' });
});
afterAll(async () => {
  station?.ws.terminate();
  await platform?.close();
});

let messages = 0;
async function tell(type: string, more: { timestamp?: string; techInfo?: string } = {}): Promise<void> {
  const id = String((messages += 1));
  station.send([2, id, 'SecurityEventNotification', { type, timestamp: '2026-11-24T09:00:00Z', ...more }]);
  expect(await station.answer(id)).toEqual([3, id, {}]);
}
const eventsOf = (kind: string) => platform.sql('SELECT identity, kind, severity, source, detail, at, times FROM security_event WHERE kind = $1 ORDER BY at, detail', [kind]);
const at = new Date('2026-11-24T09:00:00Z');
const counted = async (type: string, severity: string): Promise<number> =>
  Number(new RegExp(`csms_security_events_total\\{type="${type}",severity="${severity}",.*\\} (\\d+)`).exec(await gateway.metrics())?.[1] ?? 0);

describe('C-11 what a station reports', () => {
  it.each(Object.keys(standardEvents))('%s is stored when it is answered, once however often it is sent, and counted', async (type) => {
    await tell(type, { techInfo: 'what was seen' });
    await tell(type, { techInfo: 'what was seen' });
    expect(await eventsOf(type)).toEqual([{ identity: 'GUARDED', kind: type, severity: severityOf(type), source: 'station', detail: 'what was seen', at, times: 2 }]);
    expect(await counted(type, severityOf(type))).toBe(1);
  });

  it('another time or another text is another event; a name that nobody knows is kept as it is, and is no label', async () => {
    await tell('VendorDoorAjar');
    await tell('VendorDoorAjar', { techInfo: 'left' });
    await tell('VendorDoorAjar', { timestamp: '2026-11-24T09:00:01Z' });
    expect(await eventsOf('VendorDoorAjar')).toMatchObject([{ severity: 'notice', detail: '', times: 1 }, { detail: 'left', times: 1 }, { times: 1 }]);
    expect(await counted('other', 'notice')).toBe(3);
    expect(await gateway.metrics()).not.toContain('VendorDoorAjar');
  });
});

describe('C-11 what we see ourselves', () => {
  it('messages that are none, until the socket is closed for them', async () => {
    const passwords = await platform.register('GARBLED');
    const garbled = await aRawStation({ port: gateway.port, identity: 'GARBLED', password: passwords.get('GARBLED') ?? '' });
    garbled.send('x'.repeat(70_000));
    await expect.poll(() => garbled.closed).toEqual([1009]);
    await expect.poll(() => eventsOf('invalid-message')).toMatchObject([{ identity: 'GARBLED', severity: 'notice', source: 'csms', detail: 'the socket was closed for it: message-too-big' }]);
  });

  it('a stop of another station\'s transaction', async () => {
    const passwords = await platform.register('ROBBED', 'ROBBER');
    const [robbed, robber] = await Promise.all(['ROBBED', 'ROBBER'].map((identity) => aRawStation({ port: gateway.port, identity, password: passwords.get(identity) ?? '' })));
    robbed!.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
    const [, , { transactionId }] = await robbed!.answer('s') as [number, string, { transactionId: number }];
    robber!.send([2, 't', 'StopTransaction', { transactionId, meterStop: 1, timestamp: '2026-11-24T09:01:00Z' }]);
    await robber!.answer('t');
    expect(await eventsOf('foreign-transaction')).toMatchObject([{ identity: 'ROBBER', severity: 'critical', source: 'csms', detail: `a stop for transaction ${transactionId}, which is one of station ROBBED` }]);
    expect(await counted('foreign-transaction', 'critical')).toBe(1);
    robbed!.ws.terminate();
    robber!.ws.terminate();
  });
});
