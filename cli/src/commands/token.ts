import { Option, type Command } from 'commander';
import { Role } from '@csms/contracts/http/index';
import { askToken } from '../access.ts';
import { readSettings } from '../platform.ts';
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
      terminal.out(`${await askToken(readSettings(terminal.env), { tenant: options.tenant ?? null, role: options.role })}\n`);
    });
}
