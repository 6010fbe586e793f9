import type { Command } from 'commander';
import { Enrolment, Token } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { cardFields, shown, withCardOptions, type CardOptions } from './cards.ts';
import { findStation } from './stations.ts';

const lookEveryMs = 500;

/** Tap to enrol: waits for an unknown card at a station, and takes it where that was said before. */
export function addEnrol(program: Command, terminal: Terminal): void {
  withCardOptions(withCommonOptions(program.command('enrol <identity>')))
    .description('wait for the next unknown card at a station, and register it')
    .option('--seconds <n>', 'for how long', wholeNumber('--seconds', 10, 300), 60)
    .option('--look', 'show the card and register nothing')
    .addHelpText('after', `
The station still refuses the card that is enrolled; the next tap of it charges.

Examples:
  $ csmsctl enrol CP_112 --driver Sari
  $ csmsctl enrol CP_112 --look -o json`)
    .action(async (identity: string, options: Record<string, unknown> & CardOptions & { seconds: number; look?: boolean }) => {
      const context = contextOf(terminal, options);
      const api = await context.api(options.look === true ? 'operator' : 'admin');
      const station = await findStation(api, identity);
      const fields = await cardFields(api, options);
      let enrolment = await api.call('POST', `/stations/${station.id}/enrolments`, Enrolment, { body: { seconds: options.seconds } });
      try {
        terminal.err(`hold a card to ${station.identity} within ${options.seconds} s\n`);
        while (enrolment.state === 'open') {
          await new Promise((resolve) => { setTimeout(resolve, lookEveryMs); });
          enrolment = await api.call('GET', `/enrolments/${enrolment.id}`, Enrolment);
        }
        if (enrolment.state !== 'offered') throw new CliError(enrolment.state === 'expired' ? `no unknown card was held to ${station.identity}` : `the enrolment is ${enrolment.state}`, exitCodes.uncertain);
        terminal.err(`${enrolment.uidMasked} was held to ${station.identity}\n`);
        if (options.look === true) {
          const seen = enrolment;
          context.show(seen, () => `${seen.uidMasked}\n`);
          return;
        }
        const card = await api.call('POST', `/enrolments/${enrolment.id}/acceptance`, Token, { body: fields });
        context.show(card, () => shown(card));
      } finally {
        // Nobody else could open a window there before this one is over. Accepted or expired: there is none to close.
        if (options.look === true) await api.call('DELETE', `/enrolments/${enrolment.id}`, Enrolment).catch(() => undefined);
      }
    });
}
