import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { aRawStation, until, type RawStation } from '../src/testing/raw-station.ts';
import { openPlatform, type Platform } from './gateway-process.ts';

let platform: Platform;
beforeAll(async () => { platform = await openPlatform(); });
afterAll(() => platform?.close());

const stationCount = 20;

describe('the death of a gateway', () => {
  it('kill -9 under load loses no acknowledged reading, and open transactions go on without a boot at the next process', async () => {
    const identities = Array.from({ length: stationCount }, (_, n) => `LOAD-${n}`);
    const passwords = await platform.register(...identities);
    const open = (port: number) => Promise.all(identities.map((identity) => aRawStation({ port, identity, password: passwords.get(identity) ?? '' })));
    const first = await platform.startGateway();
    const stations = await open(first.port);
    const transactions = await Promise.all(stations.map(async (station, n) => {
      station.send([2, 's', 'StartTransaction', { connectorId: 1, idTag: `T-${n}`, meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
      return ((await station.answer('s'))[2] as { transactionId: number }).transactionId;
    }));

    // Each station sends readings a second apart, the next one when the last one is acknowledged, until its socket dies.
    const acknowledged = identities.map(() => 0);
    const reading = (n: number, second: number) => [2, `m${second}`, 'MeterValues', {
      connectorId: 1, transactionId: transactions[n], meterValue: [{ timestamp: new Date(Date.parse('2026-11-24T09:00:00Z') + second * 1000).toISOString(), sampledValue: [{ value: String(second) }] }],
    }];
    stations.forEach((station, n) => {
      station.ws.on('message', (data) => {
        const [type, id] = JSON.parse(String(data)) as [number, string];
        if (type !== 3 || id !== `m${(acknowledged[n] ?? 0) + 1}`) return;
        acknowledged[n] = (acknowledged[n] ?? 0) + 1;
        station.send(reading(n, (acknowledged[n] ?? 0) + 1));
      });
      station.send(reading(n, 1));
    });
    await until(() => acknowledged.every((count) => count >= 20));
    first.process.kill('SIGKILL');
    await until(() => stations.every((station) => station.closed.length === 1));

    const stored = await platform.sql<{ identity: string; n: number; last: number }>(
      `SELECT s.identity, count(*)::int AS n, max(m.register_wh)::int AS last FROM meter_value m JOIN station s ON s.id = m.station_id WHERE s.identity LIKE 'LOAD-%' GROUP BY 1`);
    const byIdentity = new Map(stored.map((row) => [row.identity, row]));
    identities.forEach((identity, n) => {
      const row = byIdentity.get(identity);
      // At most the one reading that was in work may be stored without having been acknowledged.
      expect([acknowledged[n], (acknowledged[n] ?? 0) + 1]).toContain(row?.n);
      expect(row?.last).toBe(row?.n);
    });

    const second = await platform.startGateway();
    const back: RawStation[] = await open(second.port);
    await Promise.all(back.map(async (station, n) => {
      station.send(reading(n, 100));
      expect((await station.answer('m100'))[0]).toBe(3);
      station.send([2, 'e', 'StopTransaction', { transactionId: transactions[n], meterStop: 100, timestamp: '2026-11-24T09:02:00Z' }]);
      expect((await station.answer('e'))[0]).toBe(3);
    }));
    expect(await platform.sql(
      `SELECT count(*)::int AS n, sum(energy_wh)::int AS wh FROM session x JOIN station s ON s.id = x.station_id WHERE s.identity LIKE 'LOAD-%' AND x.state = 'ended'`)).toEqual([{ n: stationCount, wh: 100 * stationCount }]);
    expect(await platform.sql(`SELECT count(*)::int AS n FROM session x JOIN station s ON s.id = x.station_id WHERE s.identity LIKE 'LOAD-%'`)).toEqual([{ n: stationCount }]);
  });

  it('SIGTERM answers what is in work, closes every socket with 1012, leaves the stations offline and exits 0', async () => {
    const identities = Array.from({ length: 10 }, (_, n) => `DRAIN-${n}`);
    const passwords = await platform.register(...identities);
    const gateway = await platform.startGateway();
    const stations = await Promise.all(identities.map((identity) => aRawStation({ port: gateway.port, identity, password: passwords.get(identity) ?? '' })));
    for (const station of stations) station.send([2, 'b', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
    gateway.process.kill('SIGTERM');
    await Promise.all(stations.map((station) => station.answer('b')));
    expect(await gateway.exited).toBe(0);
    expect(stations.map(({ closed }) => closed)).toEqual(identities.map(() => [1012]));
    expect(await platform.sql(`SELECT count(*)::int AS n FROM station WHERE identity LIKE 'DRAIN-%' AND online`)).toEqual([{ n: 0 }]);
    expect(await platform.sql(`SELECT count(*)::int AS n FROM station WHERE identity LIKE 'DRAIN-%' AND booted_at IS NOT NULL`)).toEqual([{ n: 10 }]);
  });

  it('a setting that is missing is one sentence and a non-zero exit', async () => {
    await expect(platform.startGateway({ CSMS_CREDENTIAL_PEPPER: 'short' })).rejects.toThrow(/ended with 1:[\s\S]*CSMS_CREDENTIAL_PEPPER is wrong/);
  });
});
