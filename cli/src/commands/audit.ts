import type { Command } from 'commander';
import { AuditPage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { downloadTo } from '../files.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';

interface Filter { actor?: string; action?: string; target?: string; from?: string; until?: string }

export function addAudit(program: Command, terminal: Terminal): void {
  const audit = program.command('audit').description('who changed what; alone: list');
  const filtered = (command: Command): Command => withCommonOptions(command)
    .option('--actor <text>', 'only by somebody whose name or subject contains it')
    .option('--action <action>', 'only this, or what begins with it: station, station.register')
    .option('--target <id>', 'only of this thing')
    .option('--from <time>', 'only since then, RFC 3339 UTC')
    .option('--until <time>', 'only before then');

  filtered(audit.command('list', { isDefault: true }))
    .description('list changes, latest first')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl audit\n  $ csmsctl audit list --action person --from 2026-11-01T00:00:00Z\n  $ csmsctl audit list -o json')
    .action(async (options: Record<string, unknown> & Filter & { limit: number }) => {
      const context = contextOf(terminal, options);
      const { actor, action, target, from, until } = options;
      const items = await (await context.api('admin')).list('/audit', { actor, action, target, from, until }, AuditPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'AT', of: (entry) => moment(entry.at) }, { title: 'WHO', of: (entry) => entry.actor }, { title: 'WHAT', of: (entry) => entry.action }, { title: 'TARGET', of: (entry) => entry.target },
        { title: 'FROM', of: (entry) => entry.address }, { title: 'DETAIL', of: (entry) => (entry.detail === null ? null : JSON.stringify(entry.detail)) },
      ]));
    });

  filtered(audit.command('export <file>'))
    .description('write the audit as CSV; - is stdout')
    .addHelpText('after', '\nExamples:\n  $ csmsctl audit export audit.csv\n  $ csmsctl audit export - --action api-key | head')
    .action(async (file: string, options: Record<string, unknown> & Filter) => {
      const { actor, action, target, from, until } = options;
      const query = new URLSearchParams(Object.entries({ actor, action, target, from, until }).flatMap(([name, value]): [string, string][] => (value === undefined ? [] : [[name, value]])));
      const bytes = await downloadTo(await contextOf(terminal, options).api('admin'), `/audit/export?${query}`, file, (chunk) => { terminal.out(chunk.toString('utf8')); });
      terminal.err(`${bytes} bytes\n`);
    });
}
