import { describe, expect, it } from 'vitest';
import { FactRefused } from '@csms/domain/station/fact-refused';
import { MemoryBooks } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';
import { storablePayload } from './storable-payload.ts';

const start = { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' };
const event = { eventType: 'Started', timestamp: '2026-11-24T09:00:00Z', triggerReason: 'Authorized', seqNo: 0, transactionInfo: { transactionId: 'tx' } };
const status201 = { timestamp: '2026-11-24T09:00:00Z', connectorStatus: 'Available', evseId: 1, connectorId: 1 };

describe('what the books cannot hold', () => {
  it('U+0000 is dropped and half a surrogate pair replaced, in texts at any depth, and marked in names; what is whole stays', () => {
    const payload = { a: 'x\u0000y', list: [{ b: '\ud800', c: '😀', ['k\u0000']: 1 }], n: 3, none: null };
    expect(storablePayload(payload, JSON.stringify(payload))).toBeNull();
    expect(payload).toEqual({ a: 'xy', list: [{ b: '\ufffd', c: '😀', 'k\ufffd': 1 }], n: 3, none: null });
  });

  it('a payload that is nested without end is refused, and not walked', () => {
    expect(storablePayload({ customData: JSON.parse(`${'['.repeat(30_000)}${']'.repeat(30_000)}`) as unknown }, '"\\u0041"')).toMatch(/deep/);
  });

  it('a card, a text and a vendor reach the books clean', async () => {
    const books = new MemoryBooks();
    const { receive, frames } = testSession(books);
    receive(`[2,"1","StartTransaction",${JSON.stringify({ ...start, idTag: 'CA\u0000RD-1' })}]`);
    receive('[2,"2","StatusNotification",{"connectorId":1,"errorCode":"NoError","status":"Available","info":"\\ud800!"}]');
    receive(`[2,"3","BootNotification",${JSON.stringify({ chargePointVendor: 'V\u0000', chargePointModel: 'M' })}]`);
    receive('[2,"m\\u00004","MeterValues",{"connectorId":1,"meterValue":[{"timestamp":"2026-11-24T09:00:00Z","sampledValue":[{"value":"\\u00005"}]}]}]');
    while (frames().length < 4) await settled();
    expect(frames().map(([type]) => type)).toEqual([3, 3, 3, 3]);
    expect(books.starts[0]!.fact).toMatchObject({ tokenUid: 'CARD-1', payload: { idTag: 'CARD-1' } });
    expect(books.statuses[0]!.fact.info).toBe('\ufffd!');
    expect(books.boots[0]!.fact.vendor).toBe('V');
    expect(books.readings[0]!.registerWh).toBe(5);
  });

  it.each([
    ['ocpp1.6', 'StartTransaction', { ...start, connectorId: 2 ** 31 }], ['ocpp1.6', 'StartTransaction', { ...start, connectorId: -1 }],
    ['ocpp1.6', 'StatusNotification', { connectorId: 4e15, errorCode: 'NoError', status: 'Available' }],
    ['ocpp1.6', 'MeterValues', { connectorId: -5, meterValue: [{ timestamp: '2026-11-24T09:00:00Z', sampledValue: [{ value: '5' }] }] }],
    ['ocpp2.0.1', 'TransactionEvent', { ...event, seqNo: 2 ** 31 }], ['ocpp2.0.1', 'TransactionEvent', { ...event, seqNo: -1 }],
    ['ocpp2.0.1', 'TransactionEvent', { ...event, evse: { id: -1 } }], ['ocpp2.0.1', 'TransactionEvent', { ...event, evse: { id: 1, connectorId: 3e9 } }],
    ['ocpp2.0.1', 'StatusNotification', { ...status201, evseId: 2 ** 40 }],
    ['ocpp2.0.1', 'TransactionEvent', { ...event, transactionInfo: { transactionId: '' } }], ['ocpp2.0.1', 'TransactionEvent', { ...event, transactionInfo: { transactionId: '\u0000' } }],
  ] as const)('%s %s is a PropertyConstraintViolation before the books: case %#', async (version, action, payload) => {
    const books = new MemoryBooks();
    books.gate = () => Promise.reject(new Error('the books were asked'));
    const { receive, frames } = testSession(books, { version });
    receive([2, '1', action, payload]);
    await settled();
    expect(frames()[0]!.slice(0, 3)).toEqual([4, '1', 'PropertyConstraintViolation']);
  });

  it('a number of the same name in what a vendor adds is its own affair', () => {
    expect(storablePayload({ connectorId: 1, customData: { vendorId: 'v', id: -7, connectorId: 4e15 } }, '')).toBeNull();
  });

  it('the transaction ids 0, -1 and any other number of a 1.6 stop still reach the books', async () => {
    const books = new MemoryBooks();
    const { receive, frames } = testSession(books);
    for (const transactionId of [0, -1, 4e12]) receive([2, String(transactionId), 'StopTransaction', { transactionId, meterStop: 1, timestamp: '2026-11-24T09:00:00Z' }]);
    while (frames().length < 3) await settled();
    expect(books.stops.map(({ fact }) => fact.transactionRef)).toEqual(['0', '-1', '4000000000000']);
  });
});

describe('a fact that the books refuse', () => {
  it('is answered so that it is not sent for ever, and leaves a security event with what was said', async () => {
    const books = new MemoryBooks();
    let gate = (): Promise<void> => Promise.reject(new FactRefused('the books cannot hold it', '22P05'));
    books.gate = () => { const now = gate; gate = async () => {}; return now(); };
    const { receive, frames } = testSession(books);
    const frame = JSON.stringify([2, '1', 'StartTransaction', { ...start, note: 'é'.repeat(6000) }]);
    receive(frame);
    await settled();
    expect(frames()[0]!.slice(0, 3)).toEqual([4, '1', 'PropertyConstraintViolation']);
    expect(books.securityEvents).toEqual(['fact-refused']);
    const [detail] = books.securityDetails;
    expect(frame.startsWith(detail!)).toBe(true);
    expect(Buffer.byteLength(detail!)).toBeGreaterThan(4090);
    expect(Buffer.byteLength(detail!)).toBeLessThanOrEqual(4096);
    receive([2, '2', 'StartTransaction', start]);
    await settled();
    expect(frames()[1]).toMatchObject([3, '2', { transactionId: 1 }]);
  });
});
