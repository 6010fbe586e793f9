import { statusOf } from '../../connector/connector.ts';
import type { StationCommands } from '../../dialect/dialect.ts';
import type { ConnectorRuntimes, Dispatch } from '../connector-runtime.ts';
import type { Timers } from '../timers.ts';

export interface ReservationsParts {
  runtimes: ConnectorRuntimes;
  timers: Pick<Timers, 'later'>;
  dispatch: Dispatch;
}

type Reservations = Pick<StationCommands, 'reserve' | 'cancelReservation'>;

/** Commands that keep a connector for one card (OCPP 1.6, 5.13 and 5.1). */
export function createReservations({ runtimes, timers, dispatch }: ReservationsParts): Reservations {
  return {
    reserve(request) {
      const runtime = runtimes.get(request.connectorId);
      if (!runtime) return 'Rejected';
      const status = statusOf(runtime.connector);
      const isSame = runtime.connector.reservation?.reservationId === request.reservationId;
      if (status === 'Faulted' || status === 'Unavailable') return status;
      if (status !== 'Available' && !(status === 'Reserved' && isSame)) return 'Occupied';
      const { connectorId, ...reservation } = request;
      timers.later(0, () => dispatch(connectorId, { kind: 'reserved', ...reservation }));
      return 'Accepted';
    },
    cancelReservation(reservationId) {
      const runtime = [...runtimes.values()].find(({ connector }) => connector.reservation?.reservationId === reservationId);
      if (!runtime) return false;
      timers.later(0, () => dispatch(runtime.connector.connectorId, { kind: 'reservationCancelled', reservationId }));
      return true;
    },
  };
}
