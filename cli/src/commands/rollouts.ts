import type { Command } from 'commander';
import { Rollout, RolloutPage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findSite } from './sites.ts';

/** Where a rollout is, in one line: `[######!---] 12 of 20 installed, 1 failed, 2 on their way`; `!` failed, `>` on its way. */
export function progressOf({ stations }: Pick<Rollout, 'stations'>): string {
  const width = 30;
  const { total, installed, failed, onTheirWay, cancelled } = stations;
  const upTo = (count: number): number => (total === 0 ? 0 : Math.round((width * count) / total));
  const [a, b, c] = [upTo(installed), upTo(installed + failed), upTo(installed + failed + onTheirWay)];
  const bar = '#'.repeat(a) + '!'.repeat(b - a) + '>'.repeat(c - b) + '-'.repeat(width - c);
  return `[${bar}] ${[`${installed} of ${total} installed`, failed > 0 ? `${failed} failed` : '', onTheirWay > 0 ? `${onTheirWay} on their way` : '', cancelled > 0 ? `${cancelled} never asked` : ''].filter(Boolean).join(', ')}`;
}

const factsOf = (rollout: Rollout): string => facts([
  ['id', rollout.id], ['firmware', `${rollout.vendor} ${rollout.model} ${rollout.version}`], ['state', rollout.state], ['stage', rollout.stage], ['progress', progressOf(rollout)], ['why', rollout.detail], ['by', rollout.createdBy], ['since', moment(rollout.createdAt)],
]);

/** Firmware on its way to many stations. */
export function addRollouts(program: Command, terminal: Terminal): void {
  const rollouts = program.command('rollout').alias('rollouts').description('staged rollouts of firmware; alone: list');

  withCommonOptions(rollouts.command('list', { isDefault: true }))
    .description('list rollouts, latest first')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl rollout list\n  $ csmsctl rollout list -o json')
    .action(async (options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/rollouts', {}, RolloutPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (each) => each.id }, { title: 'FOR', of: (each) => `${each.vendor} ${each.model}` }, { title: 'VERSION', of: (each) => each.version }, { title: 'STATE', of: (each) => each.state }, { title: 'STAGE', of: (each) => each.stage },
        { title: 'PROGRESS', of: progressOf }, { title: 'SINCE', of: (each) => moment(each.createdAt) },
      ]));
    });

  withCommonOptions(rollouts.command('start'))
    .description('bring approved firmware to every station that it fits: one, a tenth, all; more than 5 % failures stop it')
    .requiredOption('--firmware <id>', 'which, from the catalogue')
    .option('--site <name>', 'only stations of this site')
    .option('--timeout <seconds>', 'after this without an end an update has failed', wholeNumber('--timeout', 1, 86_400), 3_600)
    .addHelpText('after', '\nExamples:\n  $ csmsctl rollout start --firmware 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl rollout start --firmware 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d --site bandung-01')
    .action(async (options: Record<string, unknown> & { firmware: string; site?: string; timeout: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const siteId = options.site === undefined ? null : (await findSite(api, options.site)).id;
      const made = await api.call('POST', '/rollouts', Rollout, { body: { firmwareId: options.firmware, siteId, updateTimeoutS: options.timeout } });
      context.show(made, () => factsOf(made));
    });

  withCommonOptions(rollouts.command('status <id>'))
    .description('how far a rollout is')
    .option('--wait', 'wait until it goes on no further by itself')
    .option('--timeout <seconds>', 'wait at most so long', wholeNumber('--timeout', 1, 86_400), 3_600)
    .addHelpText('after', '\nExamples:\n  $ csmsctl rollout status 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl rollout status 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d --wait')
    .action(async (id: string, options: Record<string, unknown> & { wait?: boolean; timeout: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const read = (): Promise<Rollout> => api.call('GET', `/rollouts/${encodeURIComponent(id)}`, Rollout);
      let rollout = await read();
      let said = '';
      for (const endsAt = Date.now() + options.timeout * 1_000; options.wait === true && rollout.state === 'running' && Date.now() < endsAt; rollout = await read()) {
        const now = `${rollout.stage} ${progressOf(rollout)}`;
        if (now !== said) terminal.err(`csmsctl: ${said = now}\n`);
        await new Promise((resolve) => { setTimeout(resolve, 500); });
      }
      context.show(rollout, () => factsOf(rollout));
      if (rollout.state === 'stopped') throw new CliError(`it stopped by itself: ${rollout.detail ?? 'too many failed'}`, exitCodes.refused);
    });

  for (const [verb, does, needs] of [['pause', 'ask no further station', 'operator'], ['resume', 'go on; failures so far are not counted against it again', 'admin'], ['abort', 'ask no further station, for good', 'operator']] as const) {
    withCommonOptions(rollouts.command(`${verb} <id>`))
      .description(does)
      .addHelpText('after', `\nExamples:\n  $ csmsctl rollout ${verb} 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d`)
      .action(async (id: string, options: Record<string, unknown>) => {
        const context = contextOf(terminal, options);
        const rollout = await (await context.api(needs)).call('POST', `/rollouts/${encodeURIComponent(id)}/${verb}`, Rollout);
        context.show(rollout, () => factsOf(rollout));
      });
  }
}
