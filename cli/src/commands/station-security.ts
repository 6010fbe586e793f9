import type { Command as Program } from 'commander';
import { Command, StationCreated } from '@csms/contracts/http/index';
import { contextOf, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { findStation } from './stations.ts';

/** A station has thirty seconds, and the API two more. */
const waitMs = 45_000;

/** `csmsctl station credential` and `csmsctl station security-profile`: how a station comes in. */
export function addStationSecurity(stations: Program, terminal: Terminal): void {
  withCommonOptions(stations.command('credential <identity>'))
    .description('make a new password for a station; the old one stays valid until the first use of the new one')
    .option('--push', 'send it to the station, which takes it over by itself; it is shown to nobody')
    .option('--replace', 'also where a new password is unused: a station that was given that one already is locked out')
    .addHelpText('after', '\nExamples:\n  $ csmsctl station credential CP_112 --push\n  $ csmsctl station credential CP_112            # shows it, once\n  $ csmsctl station credential CP_112 --replace  # the one that was shown before is lost\n  $ csmsctl station credential CP_112 -o json | jq -r .credential.password')
    .action(async (identity: string, options: Record<string, unknown> & { push?: boolean; replace?: boolean }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const station = await findStation(api, identity);
      if (options.push === true) return showEnd(await api.call('POST', `/stations/${station.id}/credential/push?wait=true${options.replace === true ? '&replace=true' : ''}`, Command, { timeoutMs: waitMs }));
      const made = await api.call('POST', `/stations/${station.id}/credential${options.replace === true ? '?replace=true' : ''}`, StationCreated);
      context.show(made, () => facts([['identity', made.credential.username], ['password', made.credential.password], ['connects to', made.credential.url]]));
      return undefined;

      function showEnd(sent: Command): void {
        context.show(sent, () => facts([['station', station.identity], ['state', sent.state], ['says', sent.detail]]));
        refuseUnlessAccepted(sent, station.identity);
      }
    });

  withCommonOptions(stations.command('security-profile <identity> <profile>'))
    .description('raise the security profile of a station: 1 password, 2 password over TLS, 3 certificate over TLS; never lower')
    .addHelpText('after', '\nThe station is asked to change, and comes back under the new profile; from then on the old one is closed to it.\n\nExamples:\n  $ csmsctl station security-profile CP_112 2\n  $ csmsctl station security-profile CP_112 3 -o json')
    .action(async (identity: string, text: string, options: Record<string, unknown>) => {
      const profile = Number(text);
      if (!Number.isInteger(profile) || profile < 1 || profile > 3) throw new CliError('a security profile to raise to is 1, 2 or 3', exitCodes.usage);
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const station = await findStation(api, identity);
      const sent = await api.call('PUT', `/stations/${station.id}/security-profile?wait=true`, Command, { body: { profile }, timeoutMs: waitMs });
      context.show(sent, () => facts([['station', station.identity], ['asked for', `security profile ${profile}`], ['state', sent.state], ['says', sent.detail]]));
      refuseUnlessAccepted(sent, station.identity);
    });
}

function refuseUnlessAccepted(sent: Command, identity: string): void {
  if (sent.state === 'rejected' || sent.state === 'failed') throw new CliError(`${identity} refused`, exitCodes.refused);
  if (sent.state !== 'accepted') throw new CliError(`${sent.state}: ${sent.detail ?? 'whether it happened is not known'}`, exitCodes.uncertain);
}
