import { describe, expect, it } from 'vitest';
import { MemoryBooks } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';

const minute = 60_000;

describe('a session', () => {
  it('G-28 numeric ids, null payloads, empty and binary frames, unknown answers: none closes it, and the next call is answered', async () => {
    const { receive, frames, wire } = testSession(new MemoryBooks());
    for (const text of ['', '[3,"nobody",null]', '[4,"nobody"]', '[4,"nobody","Code",null,null]', '[3,5]', '[5,"x",{}]', '[6,"x","Event",{}]', 'null', '{}', '[2]', '[2,"x"]']) receive(text);
    receive([2, 42, 'Heartbeat', {}]);
    await settled();
    expect(frames()).toEqual([[4, 'x', 'FormationViolation', expect.any(String), {}], [3, 42, { currentTime: '2026-11-24T09:00:00.000Z' }]]);
    expect(wire.closed).toEqual([]);
    expect(wire.terminated).toBe(0);
  });

  it('twenty unreadable messages are borne, one more closes the session', () => {
    const { receive, wire, session } = testSession(new MemoryBooks());
    for (let at = 0; at < 20; at += 1) receive('nonsense');
    expect(wire.closed).toEqual([]);
    receive('nonsense');
    expect(wire.closed).toEqual([1002]);
    expect(session.closeReason).toBe('bad-messages');
  });

  it('G-36 a station that never answers a ping but sends heartbeats stays', () => {
    const { session, wire, clock } = testSession(new MemoryBooks());
    for (let at = 1; at <= 60; at += 1) {
      clock.ms += minute / 2;
      if (at % 10 === 0) wire.bytesReceived += 40; // a heartbeat each 300 s
      session.inspect(clock.ms);
    }
    expect(wire.terminated).toBe(0);
    expect(wire.pings).toBe(60);
  });

  it('G-36 a silent station is dropped after three intervals: of pings if it has ponged before, of heartbeats if not', () => {
    const droppedAfterMs = (ponged: boolean): number => {
      const { session, wire, clock } = testSession(new MemoryBooks());
      const begun = clock.ms;
      if (ponged) session.pong();
      while (wire.terminated === 0) { clock.ms += minute / 2; session.inspect(clock.ms); }
      expect(session.closeReason).toBe('silent');
      return clock.ms - begun;
    };
    expect(droppedAfterMs(true)).toBe(90_000);
    expect(droppedAfterMs(false)).toBe(900_000);
  });

  it('a session that is not being read is not taken for silent', () => {
    const books = new MemoryBooks();
    books.gate = () => new Promise(() => {});
    const { session, wire, clock, receive } = testSession(books, { patience: { memoryAfterMs: 1e6, holdMs: 1e6, retryMs: 1e6 } });
    session.pong();
    for (let at = 0; at < 9; at += 1) receive([2, `m${at}`, 'Authorize', { idTag: `C${at}` }]);
    expect(wire.paused).toBe(true);
    for (let at = 0; at < 10; at += 1) { clock.ms += minute; session.inspect(clock.ms); }
    expect(wire.terminated).toBe(0);
  });

  it('a station that does not read is cut when too much has waited too long', () => {
    const { session, wire, clock } = testSession(new MemoryBooks());
    const inspect = (): void => { clock.ms += 15_000; wire.bytesReceived += 1; session.inspect(clock.ms); };
    wire.bufferedAmount = 257 * 1024;
    inspect();
    wire.bufferedAmount = 0;
    inspect();
    wire.bufferedAmount = 257 * 1024;
    inspect();
    inspect();
    expect(wire.terminated).toBe(0);
    inspect();
    expect(wire.terminated).toBe(1);
    expect(session.closeReason).toBe('stuck-writer');
  });

  it('F19 a station for which more than a mebibyte waits in memory is cut at once', () => {
    const { session, wire, receive } = testSession(new MemoryBooks());
    wire.bufferedAmount = 2 ** 20;
    receive([2, 'a', 'Heartbeat', {}]);
    expect(wire.terminated).toBe(0);
    wire.bufferedAmount += 1;
    receive([2, 'b', 'Heartbeat', {}]);
    expect([wire.terminated, session.closeReason]).toEqual([1, 'stuck-writer']);
  });
});
