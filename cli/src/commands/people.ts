import { Option, type Command } from 'commander';
import { ImpersonationStarted, Person, PersonInvited, PersonPage, TenantRole } from '@csms/contracts/http/index';
import { z } from 'zod';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const asRole = (name: string, what: string): Option => new Option(`${name} <role>`, what).choices(TenantRole.options);

/** Someone by login, with or without @tenant, or by subject. */
async function findPerson(api: Api, name: string): Promise<Person> {
  const people = await api.list('/people', {}, PersonPage, 100_000);
  const person = people.find((each) => each.login === name || each.subject === name) ?? people.find((each) => each.login.split('@')[0] === name);
  if (!person) throw new CliError(`nobody called ${name} signs in for this tenant`, exitCodes.notFound);
  return person;
}

export function addPeople(program: Command, terminal: Terminal): void {
  const people = program.command('people').description('who signs in for a tenant; alone: list');

  withCommonOptions(people.command('list', { isDefault: true }))
    .description('list people and their roles')
    .addHelpText('after', '\nExamples:\n  $ csmsctl people\n  $ csmsctl people list --tenant kota -o json')
    .action(async (options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('admin')).list('/people', {}, PersonPage, 100_000);
      context.show(items, () => table(items, [
        { title: 'LOGIN', of: (person) => person.login }, { title: 'NAME', of: (person) => person.name }, { title: 'ROLE', of: (person) => person.role }, { title: 'E-MAIL', of: (person) => person.email },
        { title: 'ENABLED', of: (person) => (person.isEnabled ? 'yes' : 'no') },
      ]));
    });

  withCommonOptions(people.command('invite <login>'))
    .description('invite someone; their temporary password is shown once')
    .requiredOption('--name <name>', 'their name')
    .option('--email <address>', 'their e-mail')
    .addOption(asRole('--as', 'their role').default('viewer'))
    .addHelpText('after', '\nExamples:\n  $ csmsctl people invite sari --name "Sari Wulandari" --as operator')
    .action(async (login: string, options: Record<string, unknown> & { name: string; email?: string; as: string }) => {
      const context = contextOf(terminal, options);
      const made = await (await context.api('admin')).call('POST', '/people', PersonInvited, { body: { login, name: options.name, email: options.email ?? null, role: options.as } });
      context.show(made, () => facts([['login', made.person.login], ['role', made.person.role], ['temporary password', made.temporaryPassword]]));
    });

  withCommonOptions(people.command('set-role <login>'))
    .description('give someone another role; their tokens of the old one end')
    .addOption(asRole('--as', 'their role').makeOptionMandatory())
    .addHelpText('after', '\nExamples:\n  $ csmsctl people set-role sari --as admin')
    .action(async (login: string, options: Record<string, unknown> & { as: string }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const { subject } = await findPerson(api, login);
      const person = await api.call('PATCH', `/people/${encodeURIComponent(subject)}`, Person, { body: { role: options.as } });
      context.show(person, () => facts([['login', person.login], ['role', person.role]]));
    });

  withCommonOptions(people.command('remove <login>'))
    .description('remove someone; their sessions and tokens end')
    .addHelpText('after', '\nExamples:\n  $ csmsctl people remove sari')
    .action(async (login: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const { subject, login: removed } = await findPerson(api, login);
      await api.call('DELETE', `/people/${encodeURIComponent(subject)}`, z.null());
      terminal.err(`removed ${removed}\n`);
    });

  withCommonOptions(program.command('impersonate <tenant>'))
    .description('as staff of the platform: act as one of a tenant for a while; prints a token for CSMS_TOKEN')
    .requiredOption('--reason <text>', 'stands in the audit of the tenant')
    .addOption(asRole('--as', 'as whom').default('viewer'))
    .option('--minutes <n>', 'for how long', wholeNumber('--minutes', 1, 60), 30)
    .addHelpText('after', '\nExamples:\n  $ csmsctl impersonate kota --reason "ticket 4711: bills are missing"\n  $ CSMS_TOKEN=$(csmsctl impersonate kota --reason "ticket 4711") csmsctl stations')
    .action(async (tenant: string, options: Record<string, unknown> & { reason: string; as: string; minutes: number }) => {
      const context = contextOf(terminal, { ...options, tenant: undefined });
      const started = await (await context.api('platform')).call('POST', '/impersonations', ImpersonationStarted, { body: { tenant, role: options.as, reason: options.reason, minutes: options.minutes } });
      terminal.err(`you act as ${started.impersonation.role} of ${tenant} until ${started.impersonation.expiresAt}\n`);
      context.show(started, () => `${started.secret}\n`);
    });
}
