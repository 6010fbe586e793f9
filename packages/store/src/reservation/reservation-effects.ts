import type { CommandRecord } from '@csms/domain';
import type pg from 'pg';
import type { CommandEffect } from '../commands/command-effects.ts';
import { changesOf, moveReservation } from './reservation-rows.ts';

async function idOf(client: pg.ClientBase, record: CommandRecord, number: number): Promise<string[]> {
  const { rows } = await client.query<{ id: string }>('SELECT id FROM reservation WHERE station_id = $1 AND number = $2', [record.stationId, number]);
  return rows.map((row) => row.id);
}

/**
 * ReserveNow has ended (1.6, 5.13). Accepted: the station keeps it. Refused, or never sent: there is none. Nobody knows: it may be kept, so it stays
 * pending until a late answer, a start, a cancellation or its time.
 */
export const reserveNowEffect: CommandEffect<'reserve-now'> = async (client, command, record, at) => {
  const ids = await idOf(client, record, command.reservationId);
  const moved = record.state === 'accepted' ? await moveReservation(client, ids, ['pending'], { state: 'active', detail: null, at })
    : record.state === 'unknown' ? await moveReservation(client, ids, ['pending'], { state: 'pending', detail: record.detail, at })
    : await moveReservation(client, ids, ['pending'], { state: 'refused', detail: record.detail ?? record.state, at });
  return changesOf(moved, at);
};

/** CancelReservation has ended (1.6, 5.2). Rejected says that the station has none of that number, which is the same to whoever asked. */
export const cancelReservationEffect: CommandEffect<'cancel-reservation'> = async (client, command, record, at) => {
  const ids = await idOf(client, record, command.reservationId);
  const isGone = record.state === 'accepted' || (record.state === 'rejected' && record.sentAt !== null);
  const detail = record.state === 'accepted' ? 'cancelled by us' : isGone ? 'cancelled by us; the station did not have it' : `could not be cancelled: ${record.state}${record.detail === null ? '' : `, ${record.detail}`}`;
  const moved = isGone
    ? await moveReservation(client, ids, ['pending', 'active'], { state: 'cancelled', detail, at })
    : [...await moveReservation(client, ids, ['active'], { state: 'active', detail, at }), ...await moveReservation(client, ids, ['pending'], { state: 'pending', detail, at })];
  return changesOf(moved, at);
};
