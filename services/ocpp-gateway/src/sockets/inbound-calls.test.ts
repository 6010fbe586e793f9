import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { aGate, settled, testSession } from '../testing/test-session.ts';

const start = { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' };
/** Type, id and payload or code of each frame. */
const heads = (frames: unknown[][]) => frames.map((frame) => frame.slice(0, 3));
const status = (connectorId: number) => ({ connectorId, errorCode: 'NoError', status: 'Available' });

describe('calls from a station', () => {
  it('G-02 a start repeated with its message id while the first is in work makes one start, and each copy gets the same result', async () => {
    const books = new MemoryBooks();
    const gate = aGate();
    let asked = 0;
    books.gate = () => { asked += 1; return gate.wait(); };
    const { receive, frames } = testSession(books);
    receive([2, 'm1', 'StartTransaction', start]);
    receive([2, 'm1', 'StartTransaction', start]);
    gate.open();
    await settled();
    expect(books.starts).toHaveLength(1);
    expect(asked).toBe(1);
    expect(frames()).toEqual([
      [3, 'm1', { transactionId: 1, idTagInfo: { status: 'Accepted' } }],
      [3, 'm1', { transactionId: 1, idTagInfo: { status: 'Accepted' } }],
    ]);
  });

  it('the same id with another content is another call', async () => {
    const books = new MemoryBooks();
    const gate = aGate();
    books.gate = gate.wait;
    const { receive, frames } = testSession(books);
    receive([2, '1', 'StatusNotification', status(1)]);
    receive([2, '1', 'StatusNotification', status(2)]);
    gate.open();
    await settled();
    expect(books.statuses.map(({ fact }) => fact.connectorId)).toEqual([1, 2]);
    expect(frames()).toEqual([[3, '1', {}], [3, '1', {}]]);
  });

  it('G-26 pipelined calls are answered in order, each once, one in work at a time', async () => {
    const books = new MemoryBooks();
    let inWork = 0;
    let inWorkMax = 0;
    books.gate = async () => { inWork += 1; inWorkMax = Math.max(inWorkMax, inWork); await settled(); inWork -= 1; };
    const { receive, frames } = testSession(books);
    const ids = ['a', 'b', 'c', 'd', 'e', 'f'];
    ids.forEach((id, at) => receive([2, id, at % 2 === 0 ? 'StatusNotification' : 'Heartbeat', at % 2 === 0 ? status(at) : {}]));
    while (frames().length < ids.length) await settled();
    await settled();
    expect(frames().map(([, id]) => id)).toEqual(ids);
    expect(inWorkMax).toBe(1);
  });

  it('with one in work and eight waiting the socket is paused, and read again when one is answered', async () => {
    const books = new MemoryBooks();
    const gate = aGate();
    books.gate = gate.wait;
    const { receive, wire, frames } = testSession(books);
    for (let at = 0; at < 8; at += 1) receive([2, `m${at}`, 'StatusNotification', status(at)]);
    expect(wire.paused).toBe(false);
    receive([2, 'm8', 'StatusNotification', status(8)]);
    expect(wire.paused).toBe(true);
    gate.open();
    while (frames().length < 9) await settled();
    expect(wire.paused).toBe(false);
  });

  it('G-14 currentTime is made when the frame is written, in UTC, and not when the call came', async () => {
    const books = new MemoryBooks();
    const gate = aGate();
    books.gate = gate.wait;
    const { receive, frames, clock } = testSession(books);
    receive([2, 'b', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
    receive([2, 'h', 'Heartbeat', {}]);
    clock.ms += 7_000;
    gate.open();
    await settled();
    expect(heads(frames())).toMatchObject([[3, 'b', { currentTime: '2026-11-24T09:00:07.000Z' }], [3, 'h', { currentTime: '2026-11-24T09:00:07.000Z' }]]);
  });

  it('G-29 an unknown action, an unsupported one and a bad payload each have their code, with a details object', () => {
    const { receive, frames } = testSession(new MemoryBooks());
    receive([2, '1', 'MakeCoffee', {}]);
    receive([2, '2', 'Reset', { type: 'Soft' }]);
    receive([2, '3', 'BootNotification', {}]);
    receive([2, '4', 'Heartbeat', 'no object']);
    expect(frames()).toEqual([
      [4, '1', 'NotImplemented', expect.any(String), {}], [4, '2', 'NotSupported', expect.any(String), {}],
      [4, '3', 'FormationViolation', expect.any(String), {}], [4, '4', 'FormationViolation', expect.any(String), {}],
    ]);
  });

  it('a rejected station may boot and nothing else', async () => {
    const books = new MemoryBooks();
    const { receive, frames } = testSession(books, { station: aStation({ registration: 'Rejected' }) });
    receive([2, '1', 'StartTransaction', start]);
    receive([2, '2', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
    await settled();
    expect(heads(frames())).toMatchObject([[4, '1', 'SecurityError'], [3, '2', { status: 'Rejected' }]]);
    expect(books.starts).toEqual([]);
  });

  it('an error of the books about the fact itself is an InternalError at once, and the next call is answered', async () => {
    const books = new MemoryBooks();
    books.gate = () => Promise.reject(new Error('a bad row'));
    const { receive, frames } = testSession(books);
    receive([2, '1', 'StartTransaction', start]);
    receive([2, '2', 'Heartbeat', {}]);
    await settled();
    expect(heads(frames())).toMatchObject([[4, '1', 'InternalError'], [3, '2', {}]]);
  });

  describe('while the books cannot be reached', () => {
    const unreachable = () => Promise.reject(new BooksUnavailable('a test'));
    const patience = { memoryAfterMs: 20, holdMs: 40, retryMs: 5 };

    it('boot and status are answered from memory and written when the books are back', async () => {
      const books = new MemoryBooks();
      books.gate = unreachable;
      const { receive, frames, late } = testSession(books, { patience });
      receive([2, '1', 'BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }]);
      receive([2, '2', 'StatusNotification', status(1)]);
      while (frames().length < 2) await settled();
      expect(heads(frames())).toMatchObject([[3, '1', { status: 'Accepted' }], [3, '2', {}]]);
      expect(books.boots).toEqual([]);
      books.gate = async () => {};
      for (const write of late.values()) await write();
      expect(books.boots).toHaveLength(1);
      expect(books.statuses).toHaveLength(1);
    });

    it('a start is held, then fails; no transaction id is invented', async () => {
      const books = new MemoryBooks();
      books.gate = unreachable;
      const { receive, frames } = testSession(books, { patience });
      receive([2, '1', 'StartTransaction', start]);
      while (frames().length < 1) await settled();
      expect(heads(frames())).toMatchObject([[4, '1', 'InternalError']]);
    });

    it('a start that is held is answered when the books come back in time', async () => {
      const books = new MemoryBooks();
      books.gate = unreachable;
      const { receive, frames } = testSession(books, { patience: { ...patience, holdMs: 10_000 } });
      receive([2, '1', 'StartTransaction', start]);
      await settled();
      expect(frames()).toEqual([]);
      books.gate = async () => {};
      while (frames().length < 1) await settled();
      expect(heads(frames())).toMatchObject([[3, '1', { transactionId: 1 }]]);
    });

    it('books that never answer are not waited for without end', async () => {
      const books = new MemoryBooks();
      books.gate = () => new Promise(() => {});
      const { receive, frames } = testSession(books, { patience });
      receive([2, '1', 'StartTransaction', start]);
      receive([2, '2', 'StatusNotification', status(1)]);
      while (frames().length < 2) await settled();
      expect(heads(frames())).toMatchObject([[4, '1', 'InternalError'], [3, '2', {}]]);
    });
  });
});
