import { z } from 'zod';
import { isHolder, statusOf, type Admission, type Token } from '../connector/connector.ts';
import type { StationCommands } from '../dialect/dialect.ts';
import type { ClockPort } from '../ports.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import type { Configuration } from './configuration.ts';
import type { ConnectorRuntimes, Dispatch } from './connector-runtime.ts';
import type { Timers } from './timers.ts';

export interface ReservationsParts {
  kept: KeptValues;
  runtimes: ConnectorRuntimes;
  configuration: Pick<Configuration, 'isOn'>;
  clock: Pick<ClockPort, 'nowMs'>;
  timers: Pick<Timers, 'later'>;
  dispatch: Dispatch;
}

export interface Reservations {
  reserve: StationCommands['reserve'];
  cancel: StationCommands['cancelReservation'];
  /** What the reservations of no particular connector (connector 0) say of a card at this one. */
  admit(connectorId: number, token: Token): Admission;
  /** A transaction has begun on it. */
  taken(reservationId: number): void;
  /** Writes down what is reserved; to be called when a connector's own reservation has changed. */
  save(): void;
}

const Kept = z.array(z.object({
  connectorId: z.number().int(), reservationId: z.number().int(), idToken: z.string(), group: z.string().optional(), expiresAtMs: z.number(),
}));
type Reservation = z.infer<typeof Kept>[number];

const keptName = 'reservations';

/**
 * Connectors kept for one card (OCPP 1.6, 5.13 and 5.1). A reservation of a connector is part of that connector's
 * state; one of connector 0 lives here: it keeps one connector, whichever, free for its holder.
 */
export function createReservations({ kept, runtimes, configuration, clock, timers, dispatch }: ReservationsParts): Reservations {
  const stationWide = new Map<number, Reservation>();
  for (const reservation of kept.read(keptName, Kept) ?? []) {
    const { connectorId, ...held } = reservation;
    const runtime = runtimes.get(connectorId);
    if (connectorId === 0) stationWide.set(reservation.reservationId, reservation);
    else if (runtime) runtime.connector = { ...runtime.connector, reservation: held };
  }

  /** Those of connector 0 that have not expired. */
  function openStationWide(): Reservation[] {
    for (const [id, { expiresAtMs }] of stationWide) if (clock.nowMs() >= expiresAtMs) stationWide.delete(id);
    return [...stationWide.values()];
  }

  function save(): void {
    const ofConnectors = [...runtimes.values()].flatMap(({ connector }) => (connector.reservation ? [{ connectorId: connector.connectorId, ...connector.reservation }] : []));
    kept.write(keptName, [...ofConnectors, ...stationWide.values()]);
  }

  const freeConnectors = (butNot?: number): number =>
    [...runtimes.values()].filter(({ connector }) => connector.connectorId !== butNot && statusOf(connector) === 'Available').length;

  function reserveAny(request: Reservation): ReturnType<Reservations['reserve']> {
    if (!configuration.isOn('ReserveConnectorZeroSupported')) return 'Rejected';
    const statuses = [...runtimes.values()].map(({ connector }) => statusOf(connector));
    if (statuses.every((status) => status === 'Faulted')) return 'Faulted';
    if (statuses.every((status) => status === 'Unavailable' || status === 'Faulted')) return 'Unavailable';
    const others = openStationWide().filter(({ reservationId }) => reservationId !== request.reservationId).length;
    if (freeConnectors() <= others) return 'Occupied';
    stationWide.set(request.reservationId, request);
    save();
    return 'Accepted';
  }

  return {
    reserve(request) {
      if (!(request.expiresAtMs > clock.nowMs())) return 'Rejected';
      // The same id again replaces the reservation, also one of another connector.
      const previous = [...runtimes.values()].find(({ connector }) => connector.reservation?.reservationId === request.reservationId)?.connector.connectorId;
      const releasePrevious = () => previous !== undefined && previous !== request.connectorId
        && timers.later(0, () => dispatch(previous, { kind: 'reservationCancelled', reservationId: request.reservationId }));
      if (request.connectorId === 0) {
        const answer = reserveAny(request);
        if (answer === 'Accepted') releasePrevious();
        return answer;
      }
      const runtime = runtimes.get(request.connectorId);
      if (!runtime) return 'Rejected';
      const status = statusOf(runtime.connector);
      if (status === 'Faulted' || status === 'Unavailable') return status;
      if (status !== 'Available' && !(status === 'Reserved' && previous === request.connectorId)) return 'Occupied';
      const others = openStationWide().filter(({ reservationId }) => reservationId !== request.reservationId).length;
      if (status === 'Available' && freeConnectors(request.connectorId) < others) return 'Occupied';
      stationWide.delete(request.reservationId);
      releasePrevious();
      const { connectorId, ...reservation } = request;
      timers.later(0, () => dispatch(connectorId, { kind: 'reserved', ...reservation }));
      return 'Accepted';
    },
    cancel(reservationId) {
      openStationWide();
      if (stationWide.delete(reservationId)) {
        save();
        return true;
      }
      const runtime = [...runtimes.values()].find(({ connector }) => connector.reservation?.reservationId === reservationId);
      if (!runtime) return false;
      timers.later(0, () => dispatch(runtime.connector.connectorId, { kind: 'reservationCancelled', reservationId }));
      return true;
    },
    admit(connectorId, token) {
      if (stationWide.size === 0) return { admitted: true };
      const open = openStationWide();
      const own = open.find((reservation) => isHolder(reservation, token));
      if (own) return { admitted: true, reservationId: own.reservationId };
      // Anybody may come while as many connectors stay free as are promised.
      if (freeConnectors(connectorId) >= open.length) return { admitted: true };
      return { admitted: false, askGroup: token.group === undefined && open.some(({ group }) => group !== undefined) };
    },
    taken(reservationId) {
      if (stationWide.delete(reservationId)) save();
    },
    save,
  };
}
