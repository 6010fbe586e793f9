import type { LocalListEntry } from '@csms/contracts/commands/local-list';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Token } from '../authorization/token.ts';
import { compareLists, planListUpdate, type ListUpdate } from './list-update.ts';
import { cardKey, wantedList } from './wanted-list.ts';

const now = new Date('2026-11-24T10:00:00Z');
const card = (uid: string, more: Partial<Token> = {}): Token => ({ tenantId: 'demo', id: uid, uid, kind: 'rfid', status: 'active', validUntil: null, parentUid: null, ...more });
const entry = (tokenUid: string, more: Partial<LocalListEntry> = {}): LocalListEntry => ({ tokenUid, status: 'Accepted', validUntil: null, parentUid: null, ...more });
const sorted = (entries: readonly LocalListEntry[]) => [...entries].sort((a, b) => (cardKey(a.tokenUid) < cardKey(b.tokenUid) ? -1 : 1));

/** What a station does with an update (1.6, 5.15). */
function applyListUpdate(known: readonly LocalListEntry[], update: ListUpdate): LocalListEntry[] {
  const next = new Map((update.updateType === 'full' ? [] : known).map((entry) => [cardKey(entry.tokenUid), entry]));
  for (const entry of update.entries) {
    if (entry.status === null) next.delete(cardKey(entry.tokenUid));
    else next.set(cardKey(entry.tokenUid), entry);
  }
  return [...next.values()];
}

describe('what a list should say', () => {
  it('has the cards that may charge and the blocked ones, and none that a reader cannot have read', () => {
    const { entries, unfit } = wantedList([
      card('B', { status: 'blocked' }), card('A', { validUntil: new Date('2027-01-01T00:00:00Z'), parentUid: 'P' }), card('OVER', { validUntil: now }),
      card('OURS', { kind: 'central' }), card('X'.repeat(21)), card('C', { parentUid: 'Y'.repeat(21) }),
    ], now);
    expect(entries).toEqual([entry('A', { validUntil: '2027-01-01T00:00:00.000Z', parentUid: 'P' }), entry('B', { status: 'Blocked' }), entry('C')]);
    expect(unfit).toBe(1);
  });
});

describe('the update of a list', () => {
  const entries = fc.uniqueArray(fc.record({
    tokenUid: fc.constantFrom(...'abcdefghijklmnop'), status: fc.constantFrom('Accepted' as const, 'Blocked' as const), validUntil: fc.constantFrom(null, '2027-01-01T00:00:00.000Z'), parentUid: fc.constantFrom(null, 'P'),
  }), { selector: (each) => each.tokenUid });

  // Two lists of which nothing is known, or of which the one is the other with a few cards gone and a few more.
  const unlike = fc.tuple(fc.option(entries), entries);
  const alike = entries.chain((known) => fc.tuple(fc.constant(known), fc.subarray(known), fc.subarray(['x', 'y', 'z'])).map(([all, left, more]): [LocalListEntry[], LocalListEntry[]] => [all, [...left, ...more.map((uid) => entry(uid))]]));

  it('brings any list to any other within what the station takes, at every step', () => {
    fc.assert(fc.property(fc.oneof(unlike, alike), fc.integer({ min: 1, max: 6 }), fc.nat(4), ([known, wanted], messageMax, room) => {
      const listMax = Math.max(wanted.length, known?.length ?? 0) + room;
      const plan = planListUpdate(known, wanted, { listMax, messageMax });
      if (plan.kind !== 'updates') throw new Error(plan.reason);
      // Where it is not known what the station has, it may have anything.
      let list = known ?? [entry('left-over')];
      for (const update of plan.updates) {
        expect(update.entries.length).toBeLessThanOrEqual(messageMax);
        list = applyListUpdate(list, update);
        expect(list.length).toBeLessThanOrEqual(listMax);
        if (update.updateType === 'full') expect(update.entries.every((each) => each.status !== null)).toBe(true);
      }
      expect(sorted(list)).toEqual(sorted(wanted));
      expect(plan.updates.slice(1).every((update) => update.updateType === 'differential')).toBe(true);
      expect(planListUpdate(list, wanted, { listMax, messageMax })).toEqual({ kind: 'updates', updates: [] });
    }));
  });

  it('replaces everything where it is not known what the station has, also with nothing', () => {
    expect(planListUpdate(null, [], { listMax: 10, messageMax: 5 })).toEqual({ kind: 'updates', updates: [{ updateType: 'full', entries: [] }] });
  });

  it('says why a list is too long', () => {
    expect(planListUpdate([], [entry('A'), entry('B')], { listMax: 1, messageMax: 5 })).toEqual({ kind: 'too-long', reason: '2 cards should be on the list, and the station holds 1 (LocalAuthListMaxLength)' });
  });

  it('compares without case where the text does, and tells a blocked card from an active one', () => {
    expect(compareLists([entry('A', { parentUid: 'p' }), entry('B'), entry('D')], [entry('A', { parentUid: 'P' }), entry('B', { status: 'Blocked' }), entry('C')]))
      .toEqual({ missing: [entry('C')], changed: [entry('B', { status: 'Blocked' })], surplus: [entry('D')] });
  });
});
