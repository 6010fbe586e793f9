import { expect, it } from 'vitest';
import { aCharger } from '../testing/charger.ts';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { openGateway } from '../testing/open-gateway.ts';

it('a 1.6 session: an independent client boots, authorises, starts, meters and stops', async () => {
  const books = new MemoryBooks().register(aStation({ identity: 'CP_1' }));
  await using gateway = await openGateway(books);
  const client = await aCharger({ port: gateway.port, identity: 'CP_1', version: 'ocpp1.6' });
  try {
    const boot = await client.call('BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' });
    expect(boot).toMatchObject({ status: 'Accepted' });
    expect(boot.interval).toBeGreaterThanOrEqual(240);
    expect(boot.interval).toBeLessThanOrEqual(360);
    expect(await client.call('Authorize', { idTag: 'CARD-1' })).toEqual({ idTagInfo: { status: 'Accepted' } });
    await client.call('StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Preparing' });
    const start = await client.call('StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 100, timestamp: '2026-11-24T09:00:00Z' });
    expect(start).toEqual({ transactionId: 1, idTagInfo: { status: 'Accepted' } });
    await client.call('MeterValues', {
      connectorId: 1, transactionId: 1, meterValue: [{ timestamp: '2026-11-24T09:01:00Z', sampledValue: [{ value: '0.25', unit: 'kWh' }] }],
    });
    expect(await client.call('StopTransaction', { transactionId: 1, meterStop: 350, timestamp: '2026-11-24T09:02:00Z', idTag: 'CARD-1' })).toEqual({ idTagInfo: { status: 'Accepted' } });
    expect(await client.call('Heartbeat', {})).toMatchObject({ currentTime: expect.stringMatching(/Z$/) });
  } finally {
    await client.close();
  }
  expect(books.readings).toMatchObject([{ evseId: 1, connectorId: 1, transactionRef: '1', registerWh: 250 }]);
  expect(books.stops).toMatchObject([{ fact: { transactionRef: '1', meterStopWh: 350, reason: 'Local' } }]);
});
