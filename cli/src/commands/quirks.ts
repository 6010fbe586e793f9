import type { Command } from 'commander';
import { QuarantinePage, StationQuirks } from '@csms/contracts/http/quirks';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

/** `csmsctl station quirks` and `csmsctl station quarantine`: what a station does differently from the standard. */
export function addQuirks(stations: Command, terminal: Terminal): void {
  withCommonOptions(stations.command('quirks <identity>'))
    .description('show what a station does differently from the standard, and what is made allowance for')
    .addHelpText('after', '\nExamples:\n  $ csmsctl station quirks CP_112\n  $ csmsctl station quirks CP_112 -o json | jq \'.deviations[] | select(.handling == "by-entry")\'')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const quirks = await api.call('GET', `/stations/${(await findStation(api, name)).id}/quirks`, StationQuirks);
      context.show(quirks, () => facts([
        ['identity', quirks.identity], ['made by', [quirks.vendor, quirks.model].filter(Boolean).join(' ')], ['firmware', quirks.firmware],
        ...quirks.entries.map((entry) => [`entry ${entry.id}`, `${entry.why} (${entry.source})`] as const),
      ]) + '\n' + (quirks.deviations.length === 0 ? 'nothing that differs from the standard was seen\n' : table(quirks.deviations, [
        { title: 'DEVIATION', of: (each) => each.kind }, { title: 'TIMES', of: (each) => each.times, right: true },
        { title: 'HANDLING', of: (each) => (each.handling === 'by-entry' && each.named ? 'accepted by entry' : each.handling === 'by-entry' ? 'needs an entry' : each.handling) },
        { title: 'LAST SEEN', of: (each) => moment(each.lastAt) }, { title: 'WHERE', of: (each) => each.place }, { title: 'WHAT', of: (each) => each.meaning },
      ])));
    });

  withCommonOptions(stations.command('quarantine <identity>'))
    .description('show the frames of a station that were refused or mended, as they came')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 10_000), 20)
    .addHelpText('after', '\nExamples:\n  $ csmsctl station quarantine CP_112\n  $ csmsctl station quarantine CP_112 -o json | jq -r \'.[] | select(.isTransaction) | .frame\'')
    .action(async (name: string, options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const frames = await api.list(`/stations/${(await findStation(api, name)).id}/quarantine`, {}, QuarantinePage, options.limit);
      context.show(frames, () => (frames.length === 0 ? 'no frame of this station is in quarantine\n' : table(frames, [
        { title: 'LAST CAME', of: (each) => moment(each.lastAt) }, { title: 'TIMES', of: (each) => each.times, right: true }, { title: 'OUTCOME', of: (each) => each.outcome },
        { title: 'ACTION', of: (each) => each.action }, { title: 'WHY', of: (each) => each.reason }, { title: 'FRAME', of: (each) => each.frame },
      ])));
    });
}
