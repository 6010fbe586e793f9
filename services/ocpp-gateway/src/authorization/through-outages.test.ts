import type { StartFact } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { MemoryBooks } from '../testing/memory-books.ts';
import { outagePolicies } from './outage-policy.ts';
import { authorizeThroughOutages } from './through-outages.ts';

const at = new Date('2026-11-24T09:00:00Z');
const later = (ms: number) => new Date(at.getTime() + ms);
const policies = (text: string) => outagePolicies.parse(text);

function opened(given: { policy?: string; cardsMax?: number } = {}) {
  const books = new MemoryBooks();
  for (const card of ['A', 'B', 'C']) books.cards.set(card, 'Accepted');
  const started: StartFact[] = [];
  let reach: 'there' | 'away' | 'silent' = 'there';
  const outcomes: string[] = [];
  const through = authorizeThroughOutages({
    books: {
      authorization: { authorize: (...asked) => (reach === 'there' ? books.authorization.authorize(...asked) : reach === 'away' ? Promise.reject(new BooksUnavailable('a test')) : new Promise(() => {})) },
      sessions: { ...books.sessions, start: (source, fact) => { if (reach !== 'there') return Promise.reject(new BooksUnavailable('a test')); started.push(fact); return books.sessions.start(source, fact); } },
    },
    policies: policies(given.policy ?? 'known'), patienceMs: 5, cardsMax: given.cardsMax ?? 10, onDecided: (outcome) => outcomes.push(outcome),
  });
  const ask = async (card: string, when = at, tenant = 'demo') => (await through.authorization.authorize(tenant, 'station', card, when)).status;
  const start = (card: string, receivedAt: Date) => through.sessions.start({ tenantId: 'demo', stationId: 'station', ocppVersion: 'ocpp1.6', messageId: 'm', receivedAt }, {
    evseId: 1, connectorId: 1, tokenUid: card, startedAt: receivedAt, meterStartWh: 0, reservationRef: null, payload: {},
  });
  return { books, started, outcomes, ask, start, reach: (how: typeof reach) => { reach = how; } };
}

describe('a card while the books cannot be reached', () => {
  it.each(['away', 'silent'] as const)('C-14 is accepted where it was accepted lately, in any case of letters, and refused where nobody knows it (books %s)', async (how) => {
    const { ask, reach, outcomes } = opened();
    expect(await ask('A')).toBe('Accepted');
    reach(how);
    expect([await ask('a', later(60_000)), await ask('B'), await ask('A', at, 'other')]).toEqual(['Accepted', 'Invalid', 'Invalid']);
    expect(outcomes).toEqual(['accepted', 'refused', 'refused']);
  });

  it('C-14 is refused by policy, for everybody or for a tenant', async () => {
    for (const [policy, expected] of [['refuse', 'Invalid'], ['refuse,demo=known', 'Accepted'], ['known,demo=refuse', 'Invalid'], ['known', 'Accepted']] as const) {
      const { ask, reach } = opened({ policy });
      await ask('A');
      reach('away');
      expect(await ask('A'), policy).toBe(expected);
    }
  });

  it('is forgotten after a day, when the books refused it since, and when many others came', async () => {
    const { ask, reach, books } = opened({ cardsMax: 2 });
    await ask('A');
    reach('away');
    expect(await ask('A', later(24 * 3_600_000))).toBe('Invalid');
    reach('there');
    books.cards.set('A', 'Blocked');
    expect(await ask('A')).toBe('Blocked');
    for (const card of ['B', 'C']) await ask(card);
    books.cards.set('D', 'Accepted');
    await ask('D');
    reach('away');
    expect([await ask('A'), await ask('B'), await ask('C')]).toEqual(['Invalid', 'Invalid', 'Accepted']);
  });

  it('C-14 marks the session that begins on it, also when its start has to be tried again, and no later one', async () => {
    const { ask, start, reach, started } = opened();
    await ask('A');
    reach('away');
    await ask('A', later(1_000));
    await expect(start('A', later(2_000))).rejects.toBeInstanceOf(BooksUnavailable);
    reach('there');
    await start('A', later(30_000));
    await start('A', later(60_000));
    await start('B', later(60_000));
    expect(started.map((fact) => fact.authorizedWithoutBooks ?? false)).toEqual([true, false, false]);
  });

  it('an error of the books that is no outage stays an error', async () => {
    const through = authorizeThroughOutages({
      books: { authorization: { authorize: () => Promise.reject(new Error('broken')) }, sessions: new MemoryBooks().sessions }, policies: policies('known'),
    });
    await expect(through.authorization.authorize('demo', 's', 'A', at)).rejects.toThrow('broken');
  });
});

it('the setting is one policy and exceptions by tenant, and a word that is none is said', () => {
  expect(policies('refuse, acme = known')).toEqual({ usual: 'refuse', byTenant: new Map([['acme', 'known']]) });
  expect(outagePolicies.parse(undefined)).toEqual({ usual: 'known', byTenant: new Map() });
  expect(z.prettifyError(outagePolicies.safeParse('acme=perhaps').error!)).toContain('not acme=perhaps');
});
