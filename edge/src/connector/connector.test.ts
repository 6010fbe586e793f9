import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { newConnector, statusOf, step, type Connector, type ConnectorEffect, type ConnectorEvent, type StepContext } from './connector.ts';

const card = { idToken: 'CARD1', type: 'ISO14443' };
const other = { idToken: 'CARD2', type: 'ISO14443' };

function play(events: ConnectorEvent[], context: Partial<StepContext> = {}, from: Connector = newConnector(1)) {
  let connector = from;
  const effects: ConnectorEffect[] = [];
  events.forEach((event, index) => {
    const next = step(connector, event, {
      nowMs: index * 1_000, newTransactionId: `tx-${index}`, connectionTimeoutMs: 60_000, stopOnEvSideDisconnect: true, unlockOnEvSideDisconnect: true, ...context,
    });
    connector = next.connector;
    effects.push(...next.effects);
  });
  return { connector, effects, kinds: effects.map((effect) => effect.kind), statuses: effects.flatMap((effect) => (effect.kind === 'reportStatus' ? [effect.status] : [])) };
}

const charging: ConnectorEvent[] = [{ kind: 'plugged' }, { kind: 'cardTapped', token: card }, { kind: 'authorized', token: card }];

describe('a connector', () => {
  it('goes from available through preparing and charging to finishing and back', () => {
    const { statuses, effects } = play([...charging, { kind: 'cardTapped', token: card }, { kind: 'unplugged' }]);
    expect(statuses).toEqual(['Preparing', 'Charging', 'Finishing', 'Available']);
    expect(effects.filter((effect) => effect.kind === 'stopTransaction')).toMatchObject([{ reason: 'Local', token: card, trigger: 'stopAuthorized' }]);
  });

  it('begins as well when the card comes before the plug, and forgets the card after the connection timeout', () => {
    const cardFirst: ConnectorEvent[] = [{ kind: 'cardTapped', token: card }, { kind: 'authorized', token: card }];
    expect(play([...cardFirst, { kind: 'plugged' }]).statuses).toEqual(['Preparing', 'Charging']);
    const waiting = play(cardFirst).connector;
    expect(statusOf(play([{ kind: 'timePassed' }], { nowMs: 60_999 }, waiting).connector)).toBe('Preparing');
    expect(statusOf(play([{ kind: 'timePassed' }], { nowMs: 61_000 }, waiting).connector)).toBe('Available');
  });

  it('is stopped by the card that began, or one of its group, and by no other', () => {
    expect(statusOf(play([...charging, { kind: 'cardTapped', token: other }]).connector)).toBe('Charging');
    expect(statusOf(play([...charging, { kind: 'cardTapped', token: { ...card, idToken: 'card1' } }]).connector)).toBe('Finishing');
    const grouped = play([{ kind: 'plugged' }, { kind: 'cardTapped', token: card }, { kind: 'authorized', token: { ...card, group: 'G' } }, { kind: 'cardTapped', token: { ...other, group: 'G' } }]);
    expect(statusOf(grouped.connector)).toBe('Finishing');
  });

  it('says SuspendedEV when the vehicle draws nothing for five seconds, and Charging when it draws again', () => {
    const low: ConnectorEvent[] = Array.from({ length: 7 }, () => ({ kind: 'powerMeasured', powerW: 0 }));
    expect(play([...charging, { kind: 'powerMeasured', powerW: 7_000 }, ...low.slice(0, 3), { kind: 'powerMeasured', powerW: 7_000 }]).statuses).toEqual(['Preparing', 'Charging']);
    expect(play([...charging, { kind: 'powerMeasured', powerW: 7_000 }, ...low, { kind: 'powerMeasured', powerW: 7_000 }]).statuses).toEqual(['Preparing', 'Charging', 'SuspendedEV', 'Charging']);
  });

  it('gives each way of ending its own reason', () => {
    const reasonOf = (event: ConnectorEvent) => play([...charging, event]).effects.flatMap((effect) => (effect.kind === 'stopTransaction' ? [effect.reason] : []));
    expect(reasonOf({ kind: 'unplugged' })).toEqual(['EVDisconnected']);
    expect(reasonOf({ kind: 'remoteStop' })).toEqual(['Remote']);
    expect(reasonOf({ kind: 'deauthorized', localId: 'tx-2' })).toEqual(['DeAuthorized']);
    expect(reasonOf({ kind: 'deauthorized', localId: 'another' })).toEqual([]);
    expect(reasonOf({ kind: 'unlockAsked' })).toEqual(['UnlockCommand']);
    expect(reasonOf({ kind: 'resetAsked', hard: true })).toEqual(['HardReset']);
    expect(reasonOf({ kind: 'resetAsked', hard: false })).toEqual(['SoftReset']);
    expect(reasonOf({ kind: 'faultRaised', errorCode: 'GroundFailure' })).toEqual(['Other']);
  });

  it('finishes a running transaction before it becomes unavailable, and begins none while it is', () => {
    const { connector } = play([...charging, { kind: 'availabilityChanged', operative: false }]);
    expect(statusOf(connector)).toBe('Charging');
    expect(play([{ kind: 'remoteStop' }, { kind: 'unplugged' }], {}, connector).statuses).toEqual(['Finishing', 'Unavailable']);
    const closed = play([{ kind: 'availabilityChanged', operative: false }, { kind: 'plugged' }, { kind: 'cardTapped', token: card }, { kind: 'authorized', token: card }]);
    expect(closed.kinds).not.toContain('startTransaction');
  });

  it('lets only the holder of a reservation in, until it ends', () => {
    const reserved: ConnectorEvent[] = [{ kind: 'reserved', reservationId: 7, idToken: 'CARD2', expiresAtMs: 10_000 }, { kind: 'plugged' }];
    expect(play([...reserved, { kind: 'cardTapped', token: card }, { kind: 'authorized', token: card }]).kinds).not.toContain('startTransaction');
    expect(play([...reserved, { kind: 'cardTapped', token: other }, { kind: 'authorized', token: other }]).effects).toContainEqual(expect.objectContaining({ kind: 'startTransaction', reservationId: 7 }));
    expect(statusOf(play([{ kind: 'timePassed' }], { nowMs: 10_000 }, play(reserved.slice(0, 1)).connector).connector)).toBe('Available');
  });

  it('whatever happens: the relay is closed only within a transaction, starts and stops alternate, and the status told is the status it has', () => {
    const event = fc.oneof(
      fc.constantFrom<ConnectorEvent>(
        { kind: 'plugged' }, { kind: 'unplugged' }, { kind: 'cardTapped', token: card }, { kind: 'authorized', token: card }, { kind: 'cardTapped', token: other },
        { kind: 'authorized', token: other }, { kind: 'refused', token: card, status: 'Blocked' }, { kind: 'remoteStart', token: other, remoteStartId: 1 }, { kind: 'remoteStop' },
        { kind: 'supplyPaused' }, { kind: 'supplyResumed' }, { kind: 'timePassed' }, { kind: 'faultRaised', errorCode: 'OtherError' }, { kind: 'faultCleared' },
        { kind: 'availabilityChanged', operative: false }, { kind: 'availabilityChanged', operative: true }, { kind: 'unlockAsked' }, { kind: 'resetAsked', hard: true },
        { kind: 'reserved', reservationId: 1, idToken: 'CARD1', expiresAtMs: 20_000 }, { kind: 'reservationCancelled', reservationId: 1 }),
      fc.record({ kind: fc.constant('powerMeasured' as const), powerW: fc.constantFrom(0, 5, 7_000) }),
    );
    fc.assert(fc.property(fc.array(event, { maxLength: 60 }), fc.boolean(), (events, stopOnEvSideDisconnect) => {
      const { connector, effects, statuses } = play(events, { stopOnEvSideDisconnect });
      let open: string | null = null;
      let closed = false;
      for (const effect of effects) {
        if (effect.kind === 'startTransaction') {
          expect(open).toBeNull();
          open = effect.localId;
        }
        if (effect.kind === 'stopTransaction') {
          expect(effect.localId).toBe(open);
          expect(closed).toBe(false);
          open = null;
        }
        if (effect.kind === 'setRelay') closed = effect.closed;
        if (closed) expect(open).not.toBeNull();
      }
      expect(connector.transaction?.localId ?? null).toBe(open);
      expect(statuses.at(-1) ?? 'Available').toBe(statusOf(connector));
    }));
  });
});
