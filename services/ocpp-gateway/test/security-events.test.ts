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
