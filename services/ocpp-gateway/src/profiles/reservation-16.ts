import { optional, type OutgoingProfile } from './outgoing-table.ts';

/** OCPP 1.6, profile Reservation, to the charge point. Connector 0 reserves any connector of the station. */
export const reservationCommands16 = {
  'reserve-now': ({ reservationId, evseId, tokenUid, parentUid, expiresAt }) => ({
    action: 'ReserveNow', payload: { reservationId, connectorId: evseId, idTag: tokenUid, expiryDate: expiresAt, ...optional('parentIdTag', parentUid) },
  }),
  'cancel-reservation': ({ reservationId }) => ({ action: 'CancelReservation', payload: { reservationId } }),
} satisfies OutgoingProfile<'ocpp1.6'>;
