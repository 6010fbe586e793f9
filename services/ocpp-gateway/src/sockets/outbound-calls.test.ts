import { describe, expect, it, vi } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { aGate, settled, testSession } from '../testing/test-session.ts';
import type { CallOptions } from './session-registry.ts';

const yes = (clock: { ms: number }, more: Partial<CallOptions> = {}): CallOptions => ({ deadline: new Date(clock.ms + 60_000), beforeWrite: async () => true, ...more });

describe('calls to a station', () => {
  it('G-24 there is one call in flight; the next is written when its answer is here', async () => {
    const { session, receive, frames, clock } = testSession(new MemoryBooks());
    const first = session.call('ClearCache', {}, yes(clock));
    const second = session.call('Reset', { type: 'Soft' }, yes(clock));
    await settled();
    expect(frames()).toEqual([[2, 'ours-1', 'ClearCache', {}]]);
    receive([3, 'ours-1', { status: 'Accepted' }]);
    expect(await first).toEqual({ kind: 'result', payload: { status: 'Accepted' } });
    await settled();
    expect(frames()).toHaveLength(2);
    receive([4, 'ours-2', 'NotSupported', 'no', {}]);
    expect(await second).toEqual({ kind: 'error', code: 'NotSupported', description: 'no', details: {} });
  });

  it('G-24 a call whose deadline passed while it waited is never written', async () => {
    const { session, receive, frames, clock } = testSession(new MemoryBooks());
    const first = session.call('ClearCache', {}, yes(clock));
    const asked = vi.fn(async () => true);
    const second = session.call('Reset', { type: 'Soft' }, yes(clock, { deadline: new Date(clock.ms + 1_000), beforeWrite: asked }));
    await settled();
    clock.ms += 2_000;
    receive([3, 'ours-1', { status: 'Accepted' }]);
    expect(await first).toMatchObject({ kind: 'result' });
    expect(await second).toEqual({ kind: 'expired' });
    expect(asked).not.toHaveBeenCalled();
    expect(frames()).toHaveLength(1);
  });

  it('a call that someone else wrote is not written here', async () => {
    const { session, frames, clock } = testSession(new MemoryBooks());
    expect(await session.call('ClearCache', {}, yes(clock, { beforeWrite: async () => false }))).toEqual({ kind: 'not-sent' });
    expect(await session.call('ClearCache', {}, yes(clock, { beforeWrite: () => Promise.reject(new Error('no ledger')) }))).toEqual({ kind: 'not-sent' });
    expect(frames()).toEqual([]);
  });

  it('a request that its schema refuses is never written', async () => {
    const { session, frames, clock } = testSession(new MemoryBooks());
    expect(await session.call('Reset', { type: 'Hammer' }, yes(clock))).toEqual({ kind: 'refused', reason: 'invalid-request' });
    expect(await session.call('MakeCoffee', {}, yes(clock))).toEqual({ kind: 'refused', reason: 'invalid-request' });
    expect(frames()).toEqual([]);
  });

  it('sixteen may wait, the next is refused', async () => {
    const { session, clock } = testSession(new MemoryBooks());
    const calls = Array.from({ length: 18 }, () => session.call('ClearCache', {}, yes(clock)));
    await settled();
    expect(await calls[17]).toEqual({ kind: 'refused', reason: 'queue-full' });
    session.ended();
    const outcomes = await Promise.all(calls.slice(0, 17));
    expect(outcomes[0]).toEqual({ kind: 'socket-lost' });
    expect(outcomes.slice(1)).toEqual(Array.from({ length: 16 }, () => ({ kind: 'refused', reason: 'closing' })));
  });

  it('G-25 while our call is unanswered the station is answered at once', async () => {
    const { session, receive, frames, clock } = testSession(new MemoryBooks());
    void session.call('RemoteStartTransaction', { idTag: 'CARD-1' }, yes(clock));
    await settled();
    receive([2, 'a', 'Authorize', { idTag: 'CARD-1' }]);
    await settled();
    receive([2, 's', 'StartTransaction', { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: '2026-11-24T09:00:00Z' }]);
    await settled();
    receive([2, 'n', 'StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging' }]);
    await settled();
    expect(frames().map(([type, id]) => [type, id])).toEqual([[2, 'ours-1'], [3, 'a'], [3, 's'], [3, 'n']]);
  });

  it('G-25 while a call of the station is in work ours is written at once', async () => {
    const books = new MemoryBooks();
    const gate = aGate();
    books.gate = gate.wait;
    const { session, receive, frames, clock } = testSession(books);
    receive([2, 'a', 'Authorize', { idTag: 'CARD-1' }]);
    const call = session.call('ClearCache', {}, yes(clock));
    await settled();
    receive([3, 'ours-1', { status: 'Accepted' }]);
    expect(await call).toMatchObject({ kind: 'result' });
    expect(frames()).toEqual([[2, 'ours-1', 'ClearCache', {}]]);
    gate.open();
  });

  it('G-27 a result after our timeout is not answered, is reported late, and does not satisfy the next call', async () => {
    const { session, receive, frames, clock } = testSession(new MemoryBooks(), { answerTimeoutMs: 10 });
    const onLate = vi.fn();
    expect(await session.call('Reset', { type: 'Soft' }, yes(clock, { onLate }))).toEqual({ kind: 'timeout' });
    const next = session.call('ClearCache', {}, yes(clock));
    await settled();
    receive([3, 'ours-1', { status: 'Rejected' }]);
    receive([3, 'ours-1', { status: 'Rejected' }]);
    expect(onLate).toHaveBeenCalledExactlyOnceWith({ kind: 'result', payload: { status: 'Rejected' } });
    receive([3, 'ours-2', { status: 'Accepted' }]);
    expect(await next).toEqual({ kind: 'result', payload: { status: 'Accepted' } });
    expect(frames().map(([type, id]) => [type, id])).toEqual([[2, 'ours-1'], [2, 'ours-2']]);
  });

  it('G-28 a null result, a null among optional fields and a bare error end the call and nothing else', async () => {
    const { session, receive, clock, wire } = testSession(new MemoryBooks(), { version: 'ocpp2.0.1' });
    const ask = async (answer: (id: string) => unknown[], number: number) => {
      const call = session.call('Reset', { type: 'OnIdle' }, yes(clock));
      await settled();
      receive(answer(`ours-${number}`));
      return call;
    };
    expect(await ask((id) => [3, id, null], 1)).toEqual({ kind: 'result', payload: null });
    expect(await ask((id) => [3, id, { status: 'Accepted', statusInfo: null }], 2)).toEqual({ kind: 'result', payload: { status: 'Accepted' } });
    expect(await ask((id) => [4, id, 'InternalError'], 3)).toEqual({ kind: 'error', code: 'InternalError', description: '', details: {} });
    expect(wire.closed).toEqual([]);
    expect(wire.terminated).toBe(0);
  });

  it('an answer that holds what the books cannot, and an error that does, are mended and kept', async () => {
    const { session, receive, frames, clock } = testSession(new MemoryBooks());
    const asked = session.call('GetConfiguration', {}, yes(clock));
    await settled();
    receive([3, frames()[0]?.[1], { configurationKey: [{ key: 'X', readonly: false, value: 'v\u0000\ud800' }] }]);
    expect(await asked).toEqual({ kind: 'result', payload: { configurationKey: [{ key: 'X', readonly: false, value: 'v\ufffd' }] } });
    const again = session.call('ClearCache', {}, yes(clock));
    await settled();
    receive([4, frames()[1]?.[1], 'InternalError', 'out of\u0000 memory', { at: '\u0000x' }]);
    expect(await again).toEqual({ kind: 'error', code: 'InternalError', description: 'out of memory', details: { at: 'x' } });
  });

  it('a socket that ends while the ledger is asked has an unknown end, and nothing is written', async () => {
    const { session, frames, clock } = testSession(new MemoryBooks());
    const gate = aGate();
    const call = session.call('ClearCache', {}, yes(clock, { beforeWrite: async () => { await gate.wait(); return true; } }));
    await settled();
    session.ended();
    gate.open();
    expect(await call).toEqual({ kind: 'socket-lost' });
    expect(frames()).toEqual([]);
  });
});
