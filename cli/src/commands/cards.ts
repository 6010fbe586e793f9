import type { Command } from 'commander';
import { CardGroup, CardGroupPage, CardPolicy, Token, TokenPage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findDriver } from './drivers.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A card by id, or by its whole number: no list shows one. */
async function findCard(api: Api, name: string): Promise<Token> {
  if (uuid.test(name)) return api.call('GET', `/tokens/${name}`, Token);
  try {
    return await api.call('POST', '/tokens/look-up', Token, { body: { uid: name } });
  } catch (error) {
    throw error instanceof CliError && error.exitCode === exitCodes.notFound ? new CliError('no card of this number or id is registered', exitCodes.notFound) : error;
  }
}

async function findGroup(api: Api, name: string): Promise<CardGroupRead> {
  const group = (await api.list('/card-groups', {}, CardGroupPage, 10_000)).find((each) => each.id === name || each.name === name);
  if (group === undefined) throw new CliError(`no group of cards is called ${name}`, exitCodes.notFound);
  return group;
}
type CardGroupRead = ReturnType<typeof CardGroup.parse>;

export interface CardOptions { driver?: string; driverName?: string; group?: string; from?: string; until?: string }

/** Options that say whose a card is and when it holds, as the API takes them. */
export async function cardFields(api: Api, { driver, driverName, group, from, until }: CardOptions): Promise<Record<string, string | null>> {
  if (driver !== undefined && driverName !== undefined) throw new CliError('--driver or --driver-name, not both', exitCodes.usage);
  return {
    driverId: driver === undefined ? null : (await findDriver(api, driver)).id, driverName: driverName ?? null, groupId: group === undefined ? null : (await findGroup(api, group)).id, validFrom: from ?? null, validUntil: until ?? null,
  };
}

/** Options of whoever makes or changes a card. */
export function withCardOptions(command: Command): Command {
  return command.option('--driver <driver>', 'whose: a driver by id or name').option('--driver-name <name>', 'whose, where there is no driver on the books').option('--group <group>', 'its group, by name or id')
    .option('--from <time>', 'not before, RFC 3339 UTC').option('--until <time>', 'not after, RFC 3339 UTC');
}

export function addCards(program: Command, terminal: Terminal): void {
  const cards = program.command('cards').alias('tokens').alias('card').description('RFID cards and apps; alone: list');

  withCommonOptions(cards.command('list', { isDefault: true }))
    .description('list cards, newest first; numbers are masked')
    .option('--driver <driver>', 'only those of a driver, by id or name')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards list\n  $ csmsctl cards list --driver Sari -o json')
    .action(async (options: Record<string, unknown> & { driver?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const driverId = options.driver === undefined ? undefined : (await findDriver(api, options.driver)).id;
      const items = await api.list('/tokens', { driverId }, TokenPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (card) => card.id }, { title: 'CARD', of: (card) => card.uidMasked }, { title: 'DRIVER', of: (card) => card.driverName }, { title: 'STATUS', of: statusOf }, { title: 'GROUP', of: (card) => card.groupName },
        { title: 'UNTIL', of: (card) => moment(card.validUntil) },
      ]));
    });

  withCommonOptions(cards.command('get <card>'))
    .description('show a card, by its id or its whole number')
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards get 04A2B6C8D1E211\n  $ csmsctl cards get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -o json')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const card = await findCard(await context.api('viewer'), name);
      context.show(card, () => shown(card));
    });

  withCardOptions(withCommonOptions(cards.command('add <number>')))
    .description('register a card; csmsctl enrol reads the number at a station')
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards add 04A2B6C8D1E211 --driver Sari\n  $ csmsctl cards add 04A2B6C8D1E211 --driver-name "Taxi 7" --group taxis --until 2027-01-01T00:00:00Z')
    .action(async (uid: string, options: Record<string, unknown> & CardOptions) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const { id } = await api.call('POST', '/tokens', Token, { body: { uid, ...(await cardFields(api, options)) } });
      // The answer to who registers shows the number; a terminal that is recorded does not have to.
      const made = await api.call('GET', `/tokens/${id}`, Token);
      context.show(made, () => shown(made));
    });

  for (const [verb, status, description] of [['block', 'blocked', 'block a card at once, on every station'], ['unblock', 'active', 'free a card']] as const) {
    withCommonOptions(cards.command(`${verb} <card>`))
      .description(description)
      .addHelpText('after', `\nExamples:\n  $ csmsctl cards ${verb} 04A2B6C8D1E211`)
      .action(async (name: string, options: Record<string, unknown>) => {
        const context = contextOf(terminal, options);
        const api = await context.api('operator');
        const changed = await api.call('PATCH', `/tokens/${(await findCard(api, name)).id}`, Token, { body: { status } });
        context.show(changed, () => shown(changed));
        if (status === 'active' && changed.blockedBy !== null) throw new CliError(`the card itself is free; its ${changed.blockedBy} is blocked`, exitCodes.refused);
      });
  }

  withCommonOptions(cards.command('remove <card>'))
    .description('take a card off the books; what was charged with it stays')
    .requiredOption('--yes', 'there is no way back')
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards remove 04A2B6C8D1E211 --yes')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const removed = await api.call('DELETE', `/tokens/${(await findCard(api, name)).id}`, Token);
      context.show(removed, () => `removed\n${shown(removed)}`);
    });

  withCommonOptions(cards.command('groups'))
    .description('list groups of cards; with --add make one, with --block or --unblock change one')
    .option('--add <name>', 'make a group')
    .option('--parent <id>', 'the parent id that stations are told (default: one of our making); with --add')
    .option('--block <group>', 'block a group and all of its cards')
    .option('--unblock <group>', 'free a group')
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards groups\n  $ csmsctl cards groups --add taxis --parent TAXI-0001\n  $ csmsctl cards groups --block taxis')
    .action(async (options: Record<string, unknown> & { add?: string; parent?: string; block?: string; unblock?: string }) => {
      const context = contextOf(terminal, options);
      const { add, parent, block, unblock } = options;
      const named = block ?? unblock;
      if (add !== undefined) await (await context.api('admin')).call('POST', '/card-groups', CardGroup, { body: { name: add, ...(parent === undefined ? {} : { parentUid: parent }) } });
      if (named !== undefined) {
        const api = await context.api('operator');
        await api.call('PATCH', `/card-groups/${(await findGroup(api, named)).id}`, CardGroup, { body: { status: block === undefined ? 'active' : 'blocked' } });
      }
      const items = await (await context.api('viewer')).list('/card-groups', {}, CardGroupPage, 10_000);
      context.show(items, () => table(items, [{ title: 'NAME', of: (group) => group.name }, { title: 'PARENT', of: (group) => group.parentUidMasked }, { title: 'STATUS', of: (group) => group.status }, { title: 'CARDS', of: (group) => group.cards, right: true }]));
    });

  withCommonOptions(cards.command('policy'))
    .description('show what holds for all cards, or decide it')
    .option('--concurrent-use <rule>', 'refuse: a card that charges at one station is ConcurrentTx at another; or allow')
    .addHelpText('after', '\nExamples:\n  $ csmsctl cards policy\n  $ csmsctl cards policy --concurrent-use allow')
    .action(async (options: Record<string, unknown> & { concurrentUse?: string }) => {
      const context = contextOf(terminal, options);
      const { concurrentUse } = options;
      const policy = concurrentUse === undefined ? await (await context.api('viewer')).call('GET', '/card-policy', CardPolicy) : await (await context.api('admin')).call('PUT', '/card-policy', CardPolicy, { body: { concurrentUse } });
      context.show(policy, () => facts([['concurrent use', policy.concurrentUse]]));
    });
}

const statusOf = (card: Token): string => (card.blockedBy === null || card.blockedBy === 'card' ? card.status : `blocked by its ${card.blockedBy}`);

/** One card for a terminal. */
export function shown(card: Token): string {
  return facts([['id', card.id], ['card', card.uidMasked], ['kind', card.kind], ['driver', card.driverName], ['status', statusOf(card)], ['group', card.groupName], ['parent', card.parentUidMasked], ['from', moment(card.validFrom)], ['until', moment(card.validUntil)]]);
}
