import type { Command } from 'commander';
import { Reservation, ReservationPage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

/** The station has 30 s to answer, and the API a little more to write it down. */
const answerMs = 45_000;

export function addReservations(program: Command, terminal: Terminal): void {
  const reservations = program.command('reservations').alias('reservation').description('EVSEs kept free for a card; alone: list');

  withCommonOptions(reservations.command('list', { isDefault: true }))
    .description('list reservations, latest first')
    .option('--station <identity>', 'only those of a station')
    .option('--open', 'only those that a station keeps now')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl reservations list\n  $ csmsctl reservations list --open --station CP_112 -o json')
    .action(async (options: Record<string, unknown> & { station?: string; open?: boolean; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const stationId = options.station === undefined ? undefined : (await findStation(api, options.station)).id;
      const items = await api.list('/reservations', { stationId, open: options.open === true ? 'true' : undefined }, ReservationPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (each) => each.id }, { title: 'STATION', of: placeOf }, { title: 'STATE', of: (each) => each.state }, { title: 'CARD', of: (each) => each.driverName ?? each.uidMasked },
        { title: 'UNTIL', of: (each) => moment(each.expiresAt) }, { title: 'WHY', of: (each) => each.detail }, { title: 'SESSION', of: (each) => each.sessionId },
      ]));
    });

  withCommonOptions(reservations.command('create <identity>'))
    .description('keep an EVSE of a station free for a card')
    .requiredOption('--token <uid>', 'whose card; the cards of its group may come too')
    .option('--evse <n>', 'which EVSE (default: any)', wholeNumber('--evse', 0, 100), 0)
    .option('--until <time>', 'until when, RFC 3339 UTC')
    .option('--minutes <n>', 'for how long (default: 30)', wholeNumber('--minutes', 1, 44_640))
    .option('--idempotency-key <key>', 'the same key again is the same reservation')
    .addHelpText('after', '\nExamples:\n  $ csmsctl reservations create CP_112 --token 04A2B6C8D1E211 --evse 1\n  $ csmsctl reservations create CP_112 --token 04A2B6C8D1E211 --minutes 15 -o json')
    .action(async (identity: string, options: Record<string, unknown> & { token: string; evse: number; until?: string; minutes?: number; idempotencyKey?: string }) => {
      if (options.until !== undefined && options.minutes !== undefined) throw new CliError('--until or --minutes, not both', exitCodes.usage);
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const expiresAt = options.until ?? new Date(Date.now() + (options.minutes ?? 30) * 60_000).toISOString();
      const made = await api.call('POST', '/reservations', Reservation, {
        body: { stationId: station.id, evseId: options.evse, tokenUid: options.token, expiresAt }, timeoutMs: answerMs, headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
      });
      context.show(made, () => shown(made));
      if (made.state === 'refused') throw new CliError(`${station.identity} refused: ${made.detail}`, exitCodes.refused);
      if (made.state === 'pending') throw new CliError(`whether ${station.identity} keeps it is not known: ${made.detail ?? 'it has not answered'}`, exitCodes.uncertain);
    });

  withCommonOptions(reservations.command('cancel <id>'))
    .description('take a reservation back')
    .addHelpText('after', '\nExamples:\n  $ csmsctl reservations cancel 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d')
    .action(async (id: string, options: Record<string, unknown>) => {
      if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(id)) throw new CliError(`${id} is no id of a reservation: csmsctl reservations list prints them`, exitCodes.usage);
      const context = contextOf(terminal, options);
      const cancelled = await (await context.api('operator')).call('DELETE', `/reservations/${id}`, Reservation, { timeoutMs: answerMs });
      context.show(cancelled, () => shown(cancelled));
      if (cancelled.state === 'active' || cancelled.state === 'pending') throw new CliError(`${cancelled.stationIdentity} keeps it: ${cancelled.detail ?? 'it has not answered'}`, exitCodes.uncertain);
    });
}

const placeOf = (reservation: Reservation): string => `${reservation.stationIdentity}/${reservation.evseId === 0 ? 'any' : reservation.evseId}`;

function shown(reservation: Reservation): string {
  return facts([
    ['id', reservation.id], ['station', placeOf(reservation)], ['state', reservation.state], ['says', reservation.detail], ['card', reservation.driverName ?? reservation.uidMasked], ['until', moment(reservation.expiresAt)],
    ['number', `${reservation.number}, by which the station knows it`], ['session', reservation.sessionId], ['ended', moment(reservation.endedAt)],
  ]);
}
