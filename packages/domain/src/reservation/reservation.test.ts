import { describe, expect, it } from 'vitest';
import { endedByStatus, isOpen, stateNow, takenBy, type Reservation, type ReservingStart } from './reservation.ts';

const at = (minutes: number): Date => new Date(Date.UTC(2026, 10, 24, 8, minutes));
const reservation = (more: Partial<Reservation> = {}): Reservation => ({ id: 'r', stationId: 's', number: 7, evseId: 1, tokenUid: 'CARD', parentUid: null, state: 'active', createdAt: at(0), expiresAt: at(30), ...more });
const start = (more: Partial<ReservingStart> = {}): ReservingStart => ({ stationId: 's', evseId: 1, tokenUid: 'card', parentUid: null, reservationNumber: null, startedAt: at(10), ...more });

describe('a reservation', () => {
  it('is over when its time is, whoever has written it down', () => {
    expect([isOpen(reservation(), at(29)), isOpen(reservation(), at(30))]).toEqual([true, false]);
    expect([stateNow(reservation(), at(30)), stateNow(reservation({ state: 'taken' }), at(30)), stateNow(reservation({ state: 'pending' }), at(29))]).toEqual(['expired', 'taken', 'pending']);
  });

  it.each([
    ['by its card, whatever the case', {}, {}, true],
    ['by its number, with any card, on any EVSE, also late', { state: 'expired' as const }, { reservationNumber: 7, tokenUid: 'X', evseId: 2, startedAt: at(40) }, true],
    ['by a card of its group', { parentUid: 'P' }, { tokenUid: 'X', parentUid: 'p' }, true],
    ['by the parent itself', { parentUid: 'P' }, { tokenUid: 'P' }, true],
    ['on any EVSE where it is for any', { evseId: 0 }, { evseId: 2 }, true],
    ['not on another EVSE', {}, { evseId: 2 }, false],
    ['not by a stranger', {}, { tokenUid: 'X' }, false],
    ['not at another station', {}, { stationId: 't' }, false],
    ['not by two cards without a group', { parentUid: null }, { tokenUid: 'X', parentUid: null }, false],
    ['not after its time', {}, { startedAt: at(30) }, false],
    ['not by a session of long before, that was queued offline', {}, { startedAt: at(-6) }, false],
    ['not twice', { state: 'taken' as const }, { reservationNumber: 7 }, false],
    ['not once it is cancelled, by its card', { state: 'cancelled' as const }, {}, false],
  ])('is taken %s', (_title, of, by, expected) => {
    expect(takenBy([reservation(of)], start(by)) !== null).toBe(expected);
  });

  it('on this EVSE goes before one on any', () => {
    expect(takenBy([reservation({ id: 'any', evseId: 0 }), reservation({ id: 'here' })], start())?.id).toBe('here');
  });

  it.each([
    ['Faulted', 1, true], ['Unavailable', 1, true], ['Faulted', 0, true], ['Faulted', 2, false], ['Available', 1, false], ['Reserved', 1, false],
  ])('ends by %s of EVSE %i: %s', (status, evseId, expected) => {
    expect(endedByStatus(reservation(), { stationId: 's', evseId, status, receivedAt: at(5) })).toBe(expected);
  });

  it('does not end by what was heard before it was made, or after it was over', () => {
    for (const receivedAt of [at(-1), at(30)]) expect(endedByStatus(reservation(), { stationId: 's', evseId: 1, status: 'Faulted', receivedAt })).toBe(false);
    expect(endedByStatus(reservation({ state: 'pending' }), { stationId: 's', evseId: 1, status: 'Faulted', receivedAt: at(5) }), 'the answer will say').toBe(false);
  });

  it('for any EVSE goes on when one of them faults', () => {
    expect(endedByStatus(reservation({ evseId: 0 }), { stationId: 's', evseId: 1, status: 'Faulted', receivedAt: at(5) })).toBe(false);
    expect(endedByStatus(reservation({ evseId: 0 }), { stationId: 's', evseId: 0, status: 'Faulted', receivedAt: at(5) })).toBe(true);
  });
});
