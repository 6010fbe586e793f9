import type { Command } from 'commander';
import { LocalList } from '@csms/contracts/http/index';
import { contextOf, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

/** A large list goes out in many messages. */
const syncMs = 10 * 60_000;

export function addLocalList(program: Command, terminal: Terminal): void {
  const lists = program.command('local-list').description('cards that a station knows without a line');

  withCommonOptions(lists.command('show <identity>'))
    .description('show the list that a station accepted against the one that it should have')
    .addHelpText('after', '\nExamples:\n  $ csmsctl local-list show CP_112\n  $ csmsctl local-list show CP_112 -o json | jq .differences')
    .action(async (identity: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const station = await findStation(api, identity);
      const list = await api.call('GET', `/stations/${station.id}/local-list`, LocalList);
      context.show(list, () => shown(station.identity, list));
    });

  withCommonOptions(lists.command('sync <identity>'))
    .description('bring the list of a station in step with the cards, now; from then on it is kept in step by itself')
    .option('--full', 'replace it, whatever is known of it')
    .addHelpText('after', '\nExamples:\n  $ csmsctl local-list sync CP_112\n  $ csmsctl local-list sync CP_112 --full -o json')
    .action(async (identity: string, options: Record<string, unknown> & { full?: boolean }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const list = await api.call('POST', `/stations/${station.id}/local-list`, LocalList, { body: { full: options.full === true }, timeoutMs: syncMs });
      context.show(list, () => shown(station.identity, list));
      if (list.state === 'syncing') throw new CliError(`${station.identity}: somebody is at its list already; csmsctl local-list show says how it ends`, exitCodes.uncertain);
      if (list.state === 'failed' || list.state === 'stale') throw new CliError(`${station.identity}: ${list.detail ?? 'the list is in no step yet'}`, exitCodes.uncertain);
      if (list.state === 'too-long' || list.state === 'unsupported') throw new CliError(`${station.identity}: ${list.detail ?? list.state}`, exitCodes.refused);
    });
}

function shown(identity: string, list: LocalList): string {
  const { missing, changed, surplus, first } = list.differences ?? { missing: 0, changed: 0, surplus: 0, first: [] };
  const own = (value: number | null): string => (value === null ? 'not known' : String(value));
  return facts([
    ['station', identity], ['state', list.state], ['says', list.detail], ['version', `${list.version}${list.reportedVersion === null ? '' : `, the station said ${list.reportedVersion} at ${moment(list.reportedAt)}`}`],
    ['cards there', `${list.size}${list.contentKnown ? '' : ', if it is still what it accepted'}`], ['should be', `${list.wantedSize}${list.unfit === 0 ? '' : `, and ${list.unfit} whose number is too long for OCPP 1.6`}`],
    ['station takes', `${own(list.limits.listMax)} cards, ${own(list.limits.messageMax)} in one message`], ['in step at', moment(list.syncedAt)], ['tried at', moment(list.triedAt)], ['next try', moment(list.retryAt)],
    ['differences', list.differences === null ? 'too many cards to compare' : missing + changed + surplus === 0 ? 'none' : `${missing} missing, ${changed} changed, ${surplus} only there`],
  ]) + (first.length === 0 ? '' : `\n${table(first, [{ title: 'CARD', of: (each) => each.uidMasked }, { title: 'DIFFERENCE', of: (each) => each.difference }])}`);
}
