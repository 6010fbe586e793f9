import { Option, type Command } from 'commander';
import { Role, TenantPage } from '@csms/contracts/http/index';
import { Api, askToken } from '../access.ts';
import { CliError, exitCodes } from '../exit.ts';
import { readSettings, type CliSettings } from '../platform.ts';
import type { Terminal } from '../terminal.ts';

export function addToken(program: Command, terminal: Terminal): void {
  program.command('token')
    .description('print an access token for scripts, from the issuer of the platform that runs here (5 minutes)')
    .option('--tenant <tenant>', 'whose (default: the default tenant)')
    .addOption(new Option('--role <role>', 'as whom; platform has no tenant').choices(Role.options).default('viewer'))
    .addHelpText('after', `
Examples:
  $ csmsctl token --tenant demo --role operator
  $ curl -H "authorization: Bearer $(csmsctl token)" http://127.0.0.1:8080/api/v1/stations`)
    .action(async (options: { tenant?: string; role: Role }) => {
      const settings = readSettings(terminal.env);
      if (options.tenant !== undefined && options.role !== 'platform') await refuseStranger(settings, options.tenant);
      terminal.out(`${await askToken(settings, { tenant: options.tenant ?? null, role: options.role })}\n`);
    });
}

/** The issuer gives a token for any name, and every list of a tenant that is not in the books is empty: a slip of the keyboard is told here. */
async function refuseStranger(settings: CliSettings, tenant: string): Promise<void> {
  let known: string[];
  try {
    const local = { ...settings, apiUrl: null, token: null };
    known = (await (await Api.open(local, { tenant: null, role: 'platform' })).list('/tenants', {}, TenantPage, 100_000)).map((each) => each.id);
  } catch (error) {
    // A token is the issuer's to give: an API that is away keeps nobody from one.
    if (error instanceof CliError && error.exitCode === exitCodes.unreachable) return;
    throw error;
  }
  if (!known.includes(tenant)) throw new CliError(`no tenant ${tenant} is in the books; there ${known.length === 1 ? 'is' : 'are'} ${known.slice(0, 10).join(', ') || 'none'}${known.length > 10 ? ', ...' : ''}`, exitCodes.notFound);
}
