/** pending: asked, and the station has not answered. The other three ends are told by `detail`. */
export type ReservationState = 'pending' | 'active' | 'taken' | 'expired' | 'cancelled' | 'refused';

/** What the rules need to know of a reservation. */
export interface Reservation {
  id: string;
  stationId: string;
  /** reservationId on the wire. */
  number: number;
  /** 0: any of the station. */
  evseId: number;
  tokenUid: string;
  parentUid: string | null;
  state: ReservationState;
  createdAt: Date;
  expiresAt: Date;
}

/** A start as reservations see it. `parentUid` is the group of the card that began it. */
export interface ReservingStart { stationId: string; evseId: number; tokenUid: string; parentUid: string | null; reservationNumber: number | null; startedAt: Date }

/** How far a charger's clock may be from ours before a card's start is taken for one of another time. */
const clockToleranceMs = 5 * 60_000;

/** True while a station keeps it, by the clock alone: nobody has to write that it expired (1.6, 5.13). */
export function isOpen(reservation: Pick<Reservation, 'state' | 'expiresAt'>, now: Date): boolean {
  return (reservation.state === 'pending' || reservation.state === 'active') && reservation.expiresAt > now;
}

/** The state that a reader is to see now. */
export function stateNow(reservation: Pick<Reservation, 'state' | 'expiresAt'>, now: Date): ReservationState {
  return (reservation.state === 'pending' || reservation.state === 'active') && reservation.expiresAt <= now ? 'expired' : reservation.state;
}

/**
 * The reservation that a start takes, or null. The station's own word comes first: reservationId names it, also when it expired while the start was on
 * its way. Without one (many stations forget it) it is that of the card or its group on this EVSE, then that on any EVSE (1.6, 5.13).
 */
export function takenBy(reservations: readonly Reservation[], start: ReservingStart): Reservation | null {
  const here = reservations.filter((each) => each.stationId === start.stationId);
  const named = start.reservationNumber === null ? undefined : here.find((each) => each.number === start.reservationNumber && each.state !== 'taken' && each.state !== 'refused');
  if (named !== undefined) return named;
  const fitting = here.filter((each) => (each.state === 'pending' || each.state === 'active') && (each.evseId === start.evseId || each.evseId === 0) && isOfHolder(each, start)
    && start.startedAt.getTime() >= each.createdAt.getTime() - clockToleranceMs && start.startedAt < each.expiresAt);
  return fitting.sort((a, b) => b.evseId - a.evseId || a.createdAt.getTime() - b.createdAt.getTime())[0] ?? null;
}

/** The same card, or one of the same group: its parent is the reservation's parent, or the reservation's parent is the card itself. */
function isOfHolder(reservation: Reservation, start: ReservingStart): boolean {
  const same = (a: string | null, b: string | null): boolean => a !== null && b !== null && a.toLowerCase() === b.toLowerCase();
  return same(reservation.tokenUid, start.tokenUid) || same(reservation.parentUid, start.parentUid) || same(reservation.parentUid, start.tokenUid);
}

/** What a status ends: that of its own connector, or of the whole station where the station speaks of itself (evseId 0). 1.6, 5.13: Faulted or Unavailable. */
export function endedByStatus(reservation: Reservation, status: { stationId: string; evseId: number; status: string; receivedAt: Date }): boolean {
  if (status.status !== 'Faulted' && status.status !== 'Unavailable') return false;
  return reservation.state === 'active' && reservation.stationId === status.stationId && status.receivedAt >= reservation.createdAt
    && status.receivedAt < reservation.expiresAt && (status.evseId === 0 || status.evseId === reservation.evseId);
}
