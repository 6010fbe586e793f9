import type { Command } from 'commander';
import { Driver, DriverPage, TokenPage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A driver by id, or by a name that is one driver's alone. */
export async function findDriver(api: Api, name: string): Promise<Driver> {
  if (uuid.test(name)) return api.call('GET', `/drivers/${name}`, Driver);
  const found = await api.list('/drivers', { search: name }, DriverPage, 1_000);
  const exact = found.filter((driver) => driver.name.toLowerCase() === name.toLowerCase());
  const [driver, ...others] = exact.length > 0 ? exact : found;
  if (driver === undefined) throw new CliError(`no driver is called ${name}`, exitCodes.notFound);
  if (others.length > 0) throw new CliError(`${1 + others.length} drivers are called ${name}: name one by its id (csmsctl drivers list --search)`, exitCodes.usage);
  return driver;
}

export function addDrivers(program: Command, terminal: Terminal): void {
  const drivers = program.command('drivers').alias('driver').description('who charges; alone: list');

  withCommonOptions(drivers.command('list', { isDefault: true }))
    .description('list drivers, newest first')
    .option('--search <text>', 'only those whose name contains it')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl drivers list\n  $ csmsctl drivers list --search sari -o json')
    .action(async (options: Record<string, unknown> & { search?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/drivers', { search: options.search }, DriverPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (driver) => driver.id }, { title: 'NAME', of: (driver) => driver.name }, { title: 'STATUS', of: (driver) => driver.status }, { title: 'CARDS', of: (driver) => driver.cards, right: true },
        { title: 'UNTIL', of: (driver) => moment(driver.validUntil) }, { title: 'REF', of: (driver) => driver.externalRef },
      ]));
    });

  withCommonOptions(drivers.command('get <driver>'))
    .description('show a driver and their cards, by id or by name')
    .addHelpText('after', '\nExamples:\n  $ csmsctl drivers get Sari\n  $ csmsctl drivers get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -o json')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const driver = await findDriver(api, name);
      const cards = await api.list('/tokens', { driverId: driver.id }, TokenPage, 1_000);
      context.show({ ...driver, tokens: cards }, () => `${shown(driver)}\n${table(cards, [{ title: 'CARD', of: (card) => card.uidMasked }, { title: 'ID', of: (card) => card.id }, { title: 'STATUS', of: (card) => card.status }, { title: 'GROUP', of: (card) => card.groupName }])}`);
    });

  withCommonOptions(drivers.command('add <name>'))
    .description('register a driver')
    .option('--email <address>')
    .option('--phone <number>')
    .option('--ref <text>', 'what another system calls this driver')
    .option('--from <time>', 'not before, RFC 3339 UTC')
    .option('--until <time>', 'not after, RFC 3339 UTC')
    .addHelpText('after', '\nExamples:\n  $ csmsctl drivers add Sari --email sari@example.org\n  $ csmsctl drivers add Budi --until 2027-01-01T00:00:00Z -o json')
    .action(async (name: string, options: Record<string, unknown> & { email?: string; phone?: string; ref?: string; from?: string; until?: string }) => {
      const context = contextOf(terminal, options);
      const { email = null, phone = null, ref = null, from = null, until = null } = options;
      const made = await (await context.api('admin')).call('POST', '/drivers', Driver, { body: { name, email, phone, externalRef: ref, validFrom: from, validUntil: until } });
      context.show(made, () => shown(made));
    });

  for (const [verb, status, description] of [['block', 'blocked', 'block a driver and all of their cards, on every station'], ['unblock', 'active', 'free a driver; cards that are blocked themselves stay so']] as const) {
    withCommonOptions(drivers.command(`${verb} <driver>`))
      .description(description)
      .addHelpText('after', `\nExamples:\n  $ csmsctl drivers ${verb} Sari`)
      .action(async (name: string, options: Record<string, unknown>) => {
        const context = contextOf(terminal, options);
        const api = await context.api('operator');
        const changed = await api.call('PATCH', `/drivers/${(await findDriver(api, name)).id}`, Driver, { body: { status } });
        context.show(changed, () => shown(changed));
      });
  }

  withCommonOptions(drivers.command('remove <driver>'))
    .description('take a driver and their cards off the books; what was charged stays')
    .requiredOption('--yes', 'there is no way back')
    .addHelpText('after', '\nExamples:\n  $ csmsctl drivers remove Sari --yes')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const removed = await api.call('DELETE', `/drivers/${(await findDriver(api, name)).id}`, Driver);
      context.show(removed, () => `removed\n${shown(removed)}`);
    });
}

function shown(driver: Driver): string {
  return facts([['id', driver.id], ['name', driver.name], ['status', driver.status], ['email', driver.email], ['phone', driver.phone], ['ref', driver.externalRef], ['from', moment(driver.validFrom)], ['until', moment(driver.validUntil)], ['cards', driver.cards]]);
}
