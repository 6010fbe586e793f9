import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { startRecheck } from './recheck.ts';

beforeEach(() => { vi.useFakeTimers(); });
afterEach(() => { vi.useRealTimers(); });

it('a removed station is closed in an orderly way, a changed one taken over, and unreachable books decide nothing', async () => {
  const books = new MemoryBooks().register(...['A', 'B', 'C', 'D'].map((identity) => aStation({ identity })));
  const sessions = ['A', 'B', 'C', 'D'].map((identity) => {
    const session = {
      tenantId: 'demo', identity, stationId: aStation({ identity }).id, registration: 'Accepted', closed: null as string | null,
      update: (station: { registration: string }) => { session.registration = station.registration; },
      finish: async (code: number, _text: string, reason: string) => { session.closed = `${code} ${reason}`; },
    };
    return session;
  });
  const stop = startRecheck({ sessions: () => sessions, count: () => sessions.length, find: (tenantId, identity) => books.stations.find(tenantId, identity), everyMs: 4_000 });
  books.gate = () => Promise.reject(new BooksUnavailable('a test'));
  books.stationsByIdentity.delete('demo/B');
  books.register(aStation({ identity: 'C', registration: 'Rejected' }), aStation({ identity: 'D', id: 'another station of that name' }));
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sessions.map(({ closed }) => closed)).toEqual([null, null, null, null]);
  books.gate = async () => {};
  await vi.advanceTimersByTimeAsync(5_000);
  expect(sessions.map(({ closed }) => closed)).toEqual([null, '1000 station-removed', null, '1000 station-removed']);
  expect(sessions[2]?.registration).toBe('Rejected');
  stop();
});

it('C-04 a session whose certificate is not good any more is closed, and books that cannot say so close nobody', async () => {
  const books = new MemoryBooks().register(aStation({ identity: 'A' }), aStation({ identity: 'B' }));
  const sessions = ['A', 'B'].map((identity) => {
    const session = { tenantId: 'demo', identity, stationId: aStation({ identity }).id, closed: null as string | null, update: () => {}, finish: async (code: number, _text: string, reason: string) => { session.closed = `${code} ${reason}`; } };
    return session;
  });
  let good = async (_session: { identity: string }): Promise<boolean> => Promise.reject(new BooksUnavailable('a test'));
  const stop = startRecheck({ sessions: () => sessions, count: () => sessions.length, find: (tenantId, identity) => books.stations.find(tenantId, identity), everyMs: 2_000, certificateIsGood: (session) => good(session) });
  await vi.advanceTimersByTimeAsync(3_000);
  expect(sessions.map(({ closed }) => closed)).toEqual([null, null]);
  good = async (session) => session.identity === 'A';
  await vi.advanceTimersByTimeAsync(3_000);
  expect(sessions.map(({ closed }) => closed)).toEqual([null, '1008 certificate-revoked']);
  stop();
});
