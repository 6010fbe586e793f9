import { describe, expect, it } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';

async function ask(books: MemoryBooks, action: string, request: object): Promise<unknown> {
  const { receive, frames } = testSession(books);
  receive([2, '1', action, request]);
  await settled();
  return frames()[0]?.[2];
}

describe('OCPP 1.6', () => {
  it('a boot is a fact about make and model, and is told when to beat', async () => {
    const books = new MemoryBooks();
    const answer = await ask(books, 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M', chargeBoxSerialNumber: 'S', firmwareVersion: '1.2' });
    expect(answer).toMatchObject({ status: 'Accepted', currentTime: '2026-11-24T09:00:00.000Z' });
    expect(books.boots[0]?.fact).toEqual({ vendor: 'V', model: 'M', serial: 'S', firmware: '1.2' });
    expect(books.boots[0]?.source).toMatchObject({ tenantId: 'demo', stationId: 'station-CP_1', ocppVersion: 'ocpp1.6', messageId: '1' });
  });

  it('a status on connector 0 speaks of the station, NoError is no error, a missing time is null', async () => {
    const books = new MemoryBooks();
    expect(await ask(books, 'StatusNotification', { connectorId: 0, errorCode: 'NoError', status: 'Unavailable', info: 'night' })).toEqual({});
    expect(books.statuses[0]?.fact).toEqual({ evseId: 0, connectorId: 0, status: 'Unavailable', errorCode: null, info: 'night', at: null });
  });

  it('a start with a blocked or unknown card is stored, gets a real id and the word for it', async () => {
    const books = new MemoryBooks();
    const start = (idTag: string) => ask(books, 'StartTransaction', { connectorId: 2, idTag, meterStart: 5, timestamp: '2026-11-24T08:00:00', reservationId: 7 });
    expect(await start('BLOCKED')).toEqual({ transactionId: 1, idTagInfo: { status: 'Blocked' } });
    expect(await start('NEVER-SEEN')).toEqual({ transactionId: 2, idTagInfo: { status: 'Invalid' } });
    expect(books.starts[0]?.fact).toMatchObject({ evseId: 2, connectorId: 2, tokenUid: 'BLOCKED', startedAt: new Date('2026-11-24T08:00:00Z'), meterStartWh: 5, reservationRef: '7' });
  });

  it('a stop carries its transactionData as readings, and answers a card only where one was shown', async () => {
    const books = new MemoryBooks();
    const answer = await ask(books, 'StopTransaction', {
      transactionId: -1, meterStop: 26_008.333, timestamp: '2026-11-24T09:00:00Z', reason: 'EVDisconnected',
      transactionData: [{ timestamp: '2026-11-24T08:59:00Z', sampledValue: [{ value: '26.0', unit: 'kWh', context: 'Transaction.End' }] }],
    });
    expect(answer).toEqual({});
    expect(books.stops[0]?.fact).toMatchObject({ transactionRef: '-1', tokenUid: null, meterStopWh: 26_008.333, reason: 'EVDisconnected', readings: [{ registerWh: 26_000, transactionRef: '-1', context: 'Transaction.End' }] });
  });

  it('a reading outside a transaction belongs to none', async () => {
    const books = new MemoryBooks();
    expect(await ask(books, 'MeterValues', { connectorId: 1, meterValue: [{ timestamp: '2026-11-24T08:59:00Z', sampledValue: [{ value: '12' }] }] })).toEqual({});
    expect(books.readings).toMatchObject([{ evseId: 1, connectorId: 1, transactionRef: '', registerWh: 12 }]);
  });

  it('vendor extensions are declined in the protocol\'s own word, security events are kept', async () => {
    const books = new MemoryBooks();
    expect(await ask(books, 'DataTransfer', { vendorId: 'x' })).toEqual({ status: 'UnknownVendorId' });
    expect(await ask(books, 'SecurityEventNotification', { type: 'TamperDetectionActivated', timestamp: '2026-11-24T08:59:00Z' })).toEqual({});
    expect(books.securityEvents).toEqual(['TamperDetectionActivated']);
  });
});
