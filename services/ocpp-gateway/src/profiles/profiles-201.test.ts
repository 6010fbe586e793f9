import { describe, expect, it } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';

async function ask(books: MemoryBooks, action: string, request: object): Promise<unknown> {
  const { receive, frames } = testSession(books, { version: 'ocpp2.0.1' });
  receive([2, '1', action, request]);
  await settled();
  return frames()[0]?.[2];
}

const event = { timestamp: '2026-11-24T09:00:00Z', seqNo: 0, transactionInfo: { transactionId: 'TX-1' } };

describe('OCPP 2.0.1', () => {
  it('a boot is the same fact as in 1.6', async () => {
    const books = new MemoryBooks();
    const answer = await ask(books, 'BootNotification', { reason: 'PowerUp', chargingStation: { vendorName: 'V', model: 'M', serialNumber: 'S', firmwareVersion: '1.2' } });
    expect(answer).toMatchObject({ status: 'Accepted', currentTime: '2026-11-24T09:00:00.000Z' });
    expect(books.boots[0]?.fact).toEqual({ vendor: 'V', model: 'M', serial: 'S', firmware: '1.2' });
    expect(books.boots[0]?.source.ocppVersion).toBe('ocpp2.0.1');
  });

  it('a started transaction says who, where and which remote start, and answers the card', async () => {
    const books = new MemoryBooks();
    const answer = await ask(books, 'TransactionEvent', {
      ...event, eventType: 'Started', triggerReason: 'RemoteStart', evse: { id: 2, connectorId: 1 }, idToken: { idToken: 'CARD-1', type: 'ISO14443' },
      transactionInfo: { transactionId: 'TX-1', chargingState: 'Charging', remoteStartId: 9 },
      meterValue: [{ timestamp: '2026-11-24T09:00:00Z', sampledValue: [{ value: 1.5, unitOfMeasure: { unit: 'kWh' }, context: 'Transaction.Begin' }, { value: 2, measurand: 'Power.Active.Import', context: 'Transaction.Begin', unitOfMeasure: { unit: 'W', multiplier: 3 } }] }],
    });
    expect(answer).toEqual({ idTokenInfo: { status: 'Accepted' } });
    expect(books.events[0]?.fact).toMatchObject({
      kind: 'Started', transactionRef: 'TX-1', seqNo: 0, offline: false, trigger: 'RemoteStart', evseId: 2, connectorId: 1, tokenUid: 'CARD-1', remoteStartId: '9',
      chargingState: 'Charging', readings: [{ evseId: 2, connectorId: 1, transactionRef: 'TX-1', registerWh: 1_500, powerW: 2_000 }],
    });
  });

  it('an ended one without evse and card stays without them, and answers no card', async () => {
    const books = new MemoryBooks();
    const answer = await ask(books, 'TransactionEvent', { ...event, seqNo: 3, eventType: 'Ended', triggerReason: 'EVDeparted', offline: true, transactionInfo: { transactionId: 'TX-1', stoppedReason: 'EVDisconnected' } });
    expect(answer).toEqual({});
    expect(books.events[0]?.fact).toMatchObject({ kind: 'Ended', seqNo: 3, offline: true, evseId: null, connectorId: null, tokenUid: null, stopReason: 'EVDisconnected' });
  });

  it('status, readings and cards become the facts that 1.6 makes', async () => {
    const books = new MemoryBooks();
    expect(await ask(books, 'StatusNotification', { timestamp: '2026-11-24T09:00:00Z', connectorStatus: 'Occupied', evseId: 1, connectorId: 2 })).toEqual({});
    expect(books.statuses[0]?.fact).toMatchObject({ evseId: 1, connectorId: 2, status: 'Occupied', at: new Date('2026-11-24T09:00:00Z') });
    expect(await ask(books, 'MeterValues', { evseId: 1, meterValue: [{ timestamp: '2026-11-24T09:00:00Z', sampledValue: [{ value: 230, measurand: 'Voltage' }] }] })).toEqual({});
    expect(books.readings).toMatchObject([{ evseId: 1, connectorId: 0, voltageV: 230 }]);
    expect(await ask(books, 'Authorize', { idToken: { idToken: 'BLOCKED', type: 'ISO14443' } })).toEqual({ idTokenInfo: { status: 'Blocked' } });
  });

  it('signed meter data is kept byte for byte', async () => {
    const books = new MemoryBooks();
    const signedMeterData = 'T0NNRnx7IkZWIjoiMS4wIn0=';
    await ask(books, 'MeterValues', {
      evseId: 1, meterValue: [{ timestamp: '2026-11-24T09:00:00Z', sampledValue: [{ value: 5, signedMeterValue: { signedMeterData, signingMethod: '', encodingMethod: 'OCMF', publicKey: '' } }] }],
    });
    expect(books.readings[0]).toMatchObject({ registerWh: 5 });
    expect(JSON.stringify(books.readings[0]?.other)).toContain(signedMeterData);
  });
});
