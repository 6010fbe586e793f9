import type { LiveChange } from '@csms/contracts/live';
import { endedByStatus, takenBy, type Reservation } from '@csms/domain/reservation/reservation';
import type { StartOutcome } from '@csms/domain';
import { speaksOfNow, orderingTime } from '@csms/domain/station/connector-status';
import { sessionTime } from '@csms/domain/session/session-time';
import type pg from 'pg';
import type { LaneFact } from '../books/facts.ts';
import { spellingsOf } from '../cards/card-gate.ts';
import { loadTokens } from '../books/token-rows.ts';
import { changesOf, moveReservation, ruleColumns } from './reservation-rows.ts';

type Start = Extract<LaneFact, { kind: 'start' }>;
type Status = Extract<LaneFact, { kind: 'status' }>;

/**
 * What the facts of a batch do to reservations, in its transaction: a start takes one, a fault ends some. Asks the database nothing where no fact of the
 * batch could, and once, in the small index of open ones, where one could.
 */
export async function moveReservationsByFacts(client: pg.ClientBase, facts: readonly LaneFact[], outcomes: readonly unknown[]): Promise<LiveChange[]> {
  const starts = facts.flatMap((item, index) => (item.kind === 'start' && isNewStart(outcomes[index]) ? [{ item, outcome: outcomes[index] }] : []));
  const faults = facts.filter((item): item is Status => item.kind === 'status' && (item.fact.status === 'Faulted' || item.fact.status === 'Unavailable') && speaksOfNow(orderingTime(item.fact.at, item.source.receivedAt), item.source.receivedAt));
  if (starts.length === 0 && faults.length === 0) return [];
  const open = await loadReservations(client, starts.map(({ item }) => item), faults);
  if (open.length === 0) return [];

  const changes: LiveChange[] = [];
  const parents = await parentsOf(client, starts.map(({ item }) => spellingsOf(item)));
  for (const { item: { source, fact }, outcome } of starts) {
    const taken = takenBy(open, {
      stationId: source.stationId, evseId: fact.evseId, tokenUid: fact.tokenUid, parentUid: parents.get(fact.tokenUid.toLowerCase()) ?? null,
      reservationNumber: fact.reservationRef === null ? null : Number(fact.reservationRef), startedAt: sessionTime(fact.startedAt, source.receivedAt),
    });
    if (taken === null) continue;
    const moved = await moveReservation(client, [taken.id], ['pending', 'active', 'expired', 'cancelled'], { state: 'taken', detail: null, sessionId: outcome.sessionId, at: source.receivedAt });
    changes.push(...changesOf(moved, source.receivedAt));
    taken.state = 'taken';
  }
  for (const { source, fact } of faults) {
    const ended = open.filter((reservation) => endedByStatus(reservation, { stationId: source.stationId, evseId: fact.evseId, status: fact.status, receivedAt: source.receivedAt }));
    if (ended.length === 0) continue;
    const where = fact.evseId === 0 ? 'the station' : `EVSE ${fact.evseId}`;
    const moved = await moveReservation(client, ended.map((reservation) => reservation.id), ['active'], { state: 'cancelled', detail: `cancelled by the station: ${where} is ${fact.status}`, at: source.receivedAt });
    changes.push(...changesOf(moved, source.receivedAt));
    for (const reservation of ended) reservation.state = 'cancelled';
  }
  return changes;
}

function isNewStart(outcome: unknown): outcome is StartOutcome {
  return typeof outcome === 'object' && outcome !== null && 'duplicate' in outcome && outcome.duplicate === false;
}

/** Those that are open, and those that a start names whatever they are. */
async function loadReservations(client: pg.ClientBase, starts: readonly Start[], faults: readonly Status[]): Promise<Reservation[]> {
  const stationIds = [...new Set([...starts, ...faults].map((item) => item.source.stationId))];
  const { rows } = await client.query<Reservation>({ name: 'open_reservations', text: `SELECT ${ruleColumns} FROM reservation r WHERE r.station_id = ANY($1::uuid[]) AND r.state IN ('pending', 'active')`, values: [stationIds] });
  const named = starts.flatMap(({ source, fact }) => (fact.reservationRef !== null && /^\d{1,10}$/.test(fact.reservationRef) && Number(fact.reservationRef) < 2 ** 31
    && !rows.some((row) => row.stationId === source.stationId && row.number === Number(fact.reservationRef)) ? [{ stationId: source.stationId, number: Number(fact.reservationRef) }] : []));
  if (named.length === 0) return rows;
  const { rows: others } = await client.query<Reservation>(
    `SELECT ${ruleColumns} FROM unnest($1::uuid[], $2::int[]) AS k(station_id, number) JOIN reservation r ON r.station_id = k.station_id AND r.number = k.number`, [named.map((key) => key.stationId), named.map((key) => key.number)]);
  return [...rows, ...others];
}

async function parentsOf(client: pg.ClientBase, cards: readonly (readonly string[])[]): Promise<Map<string, string | null>> {
  const { tokens } = await loadTokens(client, cards);
  return new Map([...tokens].map(([key, token]) => [key, token.parentUid]));
}
