import { Option, type Command } from 'commander';
import { ApiKeyCreated, ApiKeyPage, TenantRole } from '@csms/contracts/http/index';
import { z } from 'zod';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';

export function addKeys(program: Command, terminal: Terminal): void {
  const keys = program.command('keys').alias('key').description('API keys of programs; alone: list');

  withCommonOptions(keys.command('list', { isDefault: true }))
    .description('list keys, newest first')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl keys\n  $ csmsctl keys list -o json')
    .action(async (options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('admin')).list('/api-keys', {}, ApiKeyPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (key) => key.id }, { title: 'NAME', of: (key) => key.name }, { title: 'ROLE', of: (key) => key.role }, { title: 'AREAS', of: (key) => key.areas?.join(',') ?? 'all' },
        { title: 'STATE', of: (key) => key.state }, { title: 'EXPIRES', of: (key) => moment(key.expiresAt) }, { title: 'LAST USED', of: (key) => moment(key.lastUsedAt) },
      ]));
    });

  withCommonOptions(keys.command('create <name>'))
    .description('a key for a program; its secret is shown once')
    .addOption(new Option('--as <role>', 'what it may do').choices(TenantRole.options).default('viewer'))
    .option('--areas <list>', 'nouns of the API that it reaches, by comma (default: all)')
    .option('--days <n>', 'for how long', wholeNumber('--days', 1, 366), 90)
    .addHelpText('after', '\nExamples:\n  $ csmsctl keys create reports --areas sessions,bills\n  $ csmsctl keys create building --as operator --days 30 -o json')
    .action(async (name: string, options: Record<string, unknown> & { as: string; areas?: string; days: number }) => {
      const context = contextOf(terminal, options);
      const body = { name, role: options.as, areas: options.areas?.split(',').map((area) => area.trim()).filter((area) => area !== '') ?? null, expiresAt: new Date(Date.now() + options.days * 86_400_000).toISOString() };
      const made = await (await context.api('admin')).call('POST', '/api-keys', ApiKeyCreated, { body });
      context.show(made, () => facts([['id', made.key.id], ['name', made.key.name], ['role', made.key.role], ['areas', made.key.areas?.join(', ') ?? 'all'], ['expires', moment(made.key.expiresAt)], ['secret', made.secret]]));
    });

  withCommonOptions(keys.command('revoke <id>'))
    .description('end a key at once')
    .addHelpText('after', '\nExamples:\n  $ csmsctl keys revoke 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d')
    .action(async (id: string, options: Record<string, unknown>) => {
      if (!z.uuid().safeParse(id).success) throw new CliError('a key is revoked by its id: csmsctl keys', exitCodes.usage);
      await (await contextOf(terminal, options).api('admin')).call('DELETE', `/api-keys/${id}`, z.null());
      terminal.err(`revoked ${id}\n`);
    });
}
