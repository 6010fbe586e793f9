import { Option, type Command } from 'commander';
import { Role } from '@csms/contracts/http/index';
import { Api } from './access.ts';
import { cleanValue } from './clean-text.ts';
import { CliError, exitCodes } from './exit.ts';
import { readSettings, type CliSettings } from './platform.ts';
import type { Terminal } from './terminal.ts';

/** What every command gets: the way to the API for the tenant that was named, and a way to show what came. */
export interface Context {
  terminal: Terminal;
  settings: CliSettings;
  tenant: string | null;
  /** The role that was named, or the smallest that the command needs. */
  api(needs: Role): Promise<Api>;
  role(needs: Role): Role;
  /** Data on stdout: `value` as JSON, or the text of `asTable`. */
  show(value: unknown, asTable: () => string): void;
}

/** Options that a command may carry after its own name. */
export function withCommonOptions(command: Command): Command {
  return command
    .option('--tenant <tenant>', 'whose (default: the default tenant of the platform that runs here)')
    .addOption(new Option('--role <role>', 'as whom (default: the smallest role that may)').choices(Role.options))
    .addOption(new Option('-o, --output <format>', 'how data is printed').choices(['table', 'json']).default('table'));
}

export function contextOf(terminal: Terminal, options: Record<string, unknown>): Context {
  const settings = readSettings(terminal.env);
  const tenant = typeof options['tenant'] === 'string' ? options['tenant'] : null;
  const named = Role.safeParse(options['role']);
  const role = (needs: Role): Role => (named.success ? named.data : needs);
  return {
    terminal, settings, tenant, role,
    api: (needs) => Api.open(settings, { tenant, role: role(needs), isNamed: tenant !== null || named.success }),
    show: (value, asTable) => terminal.out(options['output'] === 'json' ? `${JSON.stringify(cleanValue(value), null, 2)}\n` : asTable()),
  };
}

/** `--limit` and other whole numbers of a command line. */
export function wholeNumber(name: string, min: number, max: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < min || value > max) throw new CliError(`${name} is a whole number from ${min} to ${max}`, exitCodes.usage);
    return value;
  };
}
