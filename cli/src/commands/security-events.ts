import type { Command } from 'commander';
import { SecurityEventPage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

export function addSecurityEvents(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('security-events'))
    .description('what stations reported, or tried, that concerns security, latest first')
    .option('--station <identity>', 'of this station alone')
    .option('--severity <severity>', 'critical or notice')
    .option('--kind <name>', 'only events of this name, e.g. TamperDetectionActivated')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl security-events\n  $ csmsctl security-events --severity critical\n  $ csmsctl security-events --station CP_112 -o json')
    .action(async (options: Record<string, unknown> & { station?: string; severity?: string; kind?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const stationId = options.station === undefined ? undefined : (await findStation(api, options.station)).id;
      const items = await api.list('/security-events', { stationId, severity: options.severity, kind: options.kind }, SecurityEventPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'AT', of: (event) => moment(event.at) }, { title: 'STATION', of: (event) => event.identity }, { title: 'EVENT', of: (event) => event.kind }, { title: 'SEVERITY', of: (event) => event.severity },
        { title: 'SEEN BY', of: (event) => event.source }, { title: 'TIMES', of: (event) => event.times, right: true }, { title: 'DETAIL', of: (event) => event.detail },
      ]));
    });
}
