import { loadConfig } from '@csms/kit';
import { actions } from '@csms/ocpp';
import { exampleCommands } from '@csms/ocpp-gateway/profiles/support-page';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { startPeer, type PeerCharger } from '../src/peer-process.ts';
import { openPlatform, type Platform } from './platform.ts';

const Peers = z.string().transform((text) => z.array(z.object({ name: z.string(), command: z.tuple([z.string()], z.string()) })).min(1).parse(JSON.parse(text)));
const { CSMS_PEERS: peers } = loadConfig({ CSMS_PEERS: Peers });

let platform: Platform;
let peer: PeerCharger;
beforeAll(async () => { platform = await openPlatform(); });
afterAll(() => platform?.close());
afterEach(() => peer?.close());

/** Every command; a new password is none that an example could carry (the gateway looks it up). */
const commands = Object.values(exampleCommands).filter(({ action }) => action !== 'push-credential');

const Started = z.object({ transactionId: z.number() });
/** Python spells its fields its own way. */
const startedIn = (answer: unknown): number => {
  const fields = z.record(z.string(), z.unknown()).parse(answer);
  return Started.parse({ transactionId: fields['transactionId'] ?? fields['transaction_id'] }).transactionId;
};
const reading = (at: string, value: number) => ({ timestamp: at, sampledValue: [{ value: String(value), measurand: 'Energy.Active.Import.Register', unit: 'Wh', context: 'Sample.Periodic' }] });

describe.each(peers)('a charger made of $name', ({ name, command }) => {
  const identityOf = (part: string): string => `${name.replace(/\W/g, '-')}-${part}`;

  it('boots, authorises, and charges a car', async () => {
    const identity = identityOf('session');
    const { stationId, password } = await platform.register(identity);
    peer = startPeer(command);
    await peer.connect({ url: platform.url(identity), identity, password });
    expect(await peer.call('BootNotification', { chargePointVendor: 'Peer', chargePointModel: name, firmwareVersion: '1.0' })).toMatchObject({ status: 'Accepted' });
    await peer.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing', timestamp: '2026-11-24T01:00:00Z' });
    expect(JSON.stringify(await peer.call('Authorize', { idTag: 'CARD-1' }))).toContain('Accepted');
    const transactionId = startedIn(await peer.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 1_000, timestamp: '2026-11-24T01:00:05Z' }));
    await peer.call('MeterValues', { connectorId: 1, transactionId, meterValue: [reading('2026-11-24T01:10:00Z', 2_500), reading('2026-11-24T01:20:00Z', 4_000)] });
    await peer.call('Heartbeat', {});
    await peer.call('StopTransaction', { transactionId, meterStop: 5_000, timestamp: '2026-11-24T01:30:00Z', reason: 'Local', idTag: 'CARD-1', transactionData: [reading('2026-11-24T01:30:00Z', 5_000)] });
    const [session] = await platform.sql<{ state: string; energy_wh: number }>('SELECT state, energy_wh FROM session WHERE station_id = $1', [stationId]);
    expect(session).toMatchObject({ state: 'ended', energy_wh: 4_000 });
    const [readings] = await platform.sql<{ n: string }>('SELECT count(*) AS n FROM meter_value WHERE station_id = $1', [stationId]);
    expect(Number(readings?.n)).toBeGreaterThanOrEqual(3);
  });

  it('understands every command', async () => {
    const identity = identityOf('commands');
    const { stationId, password } = await platform.register(identity);
    peer = startPeer(command);
    await peer.connect({ url: platform.url(identity), identity, password });
    await peer.call('BootNotification', { chargePointVendor: 'Peer', chargePointModel: name });
    const ends: Record<string, string> = {};
    for (const each of commands) {
      const record = await platform.send(stationId, each);
      ends[each.action] = record.state === 'accepted' ? 'accepted' : `${record.state}: ${record.detail ?? ''} ${JSON.stringify(record.result)}`;
    }
    const notInstalled = { 'get-installed-certificate-ids': expect.stringContaining('NotFound') };
    expect(ends).toEqual({ ...Object.fromEntries(commands.map(({ action }) => [action, 'accepted'])), ...notInstalled });
    expect([...new Set(peer.called)].sort()).toEqual([...actions['ocpp1.6'].toStation].sort());
  });

  it('tells of a session that happened without a line, and repeats what it is not sure of', async () => {
    const identity = identityOf('offline');
    const { stationId, password } = await platform.register(identity);
    peer = startPeer(command);
    const to = { url: platform.url(identity), identity, password };
    await peer.connect(to);
    await peer.call('BootNotification', { chargePointVendor: 'Peer', chargePointModel: name });
    await peer.disconnect();
    await peer.connect(to);
    const start = { connectorId: 2, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-21T08:00:00Z' };
    const first = startedIn(await peer.call('StartTransaction', start));
    const again = startedIn(await peer.call('StartTransaction', start));
    expect(again).toBe(first);
    const late = { connectorId: 2, transactionId: first, meterValue: [reading('2026-11-21T08:30:00Z', 3_000)] };
    await peer.call('MeterValues', late);
    await peer.call('MeterValues', late);
    const stop = { transactionId: first, meterStop: 6_000, timestamp: '2026-11-21T09:00:00Z', reason: 'EVDisconnected' };
    await peer.call('StopTransaction', stop);
    await peer.call('StopTransaction', stop);
    const sessions = await platform.sql('SELECT state, energy_wh, started_at FROM session WHERE station_id = $1', [stationId]);
    expect(sessions).toEqual([{ state: 'ended', energy_wh: 6_000, started_at: new Date(start.timestamp) }]);
    const [bills] = await platform.sql<{ n: string }>('SELECT count(*) AS n FROM bill b JOIN session s ON s.tenant_id = b.tenant_id AND s.id = b.session_id WHERE s.station_id = $1', [stationId]);
    expect(bills?.n).toBe('1');
    const [readings] = await platform.sql<{ n: string }>(`SELECT count(*) AS n FROM meter_value WHERE station_id = $1 AND at = '2026-11-21T08:30:00Z'`, [stationId]);
    expect(readings?.n).toBe('1');
  });
});
