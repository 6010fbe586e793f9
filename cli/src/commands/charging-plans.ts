import { InvalidArgumentError, type Command } from 'commander';
import { ChargingPlanCleared, ChargingPlanPage, ChargingPlanRead, Composite } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

/** The station has 30 s for each of two questions. */
const answerMs = 75_000;
const evse = wholeNumber('--evse', 0, 100);

interface SetOptions extends Record<string, unknown> {
  evse: number; purpose: string; level: number; period: Period[]; unit: string; relative?: boolean; daily?: boolean; weekly?: boolean; start?: string; duration?: number; validFrom?: string; validTo?: string; session?: string; minRate?: number;
}
interface Period { startS: number; limit: number; numberPhases: number | null }

export function addChargingPlans(program: Command, terminal: Terminal): void {
  const plans = program.command('charging-plans').alias('charging-plan').description('charging profiles of a station');

  withCommonOptions(plans.command('list <identity>'))
    .description('list the plans that we made for a station, latest first')
    .option('--installed', 'only those that it has')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl charging-plans list CP_112\n  $ csmsctl charging-plans list CP_112 --installed -o json')
    .action(async (identity: string, options: Record<string, unknown> & { installed?: boolean; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const station = await findStation(api, identity);
      const items = await api.list(`/stations/${station.id}/charging-plans`, { installed: options.installed === true ? 'true' : undefined }, ChargingPlanPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (plan) => plan.id }, { title: 'EVSE', of: (plan) => plan.evseId, right: true }, { title: 'PURPOSE', of: (plan) => plan.purpose }, { title: 'LEVEL', of: (plan) => plan.stackLevel, right: true },
        { title: 'STATE', of: (plan) => plan.state }, { title: 'WHEN', of: whenOf }, { title: 'LIMITS', of: limitsOf }, { title: 'WHY', of: (plan) => plan.detail },
      ]));
    });

  withCommonOptions(plans.command('set <identity>'))
    .description('set a plan; one of the same purpose, level and EVSE is replaced')
    .requiredOption('--purpose <purpose>', 'station-max, session-default or session')
    .requiredOption('--period <seconds:limit[:phases]>', 'from when on which limit; once for each', collectPeriod, [] as Period[])
    .option('--evse <n>', 'which EVSE; 0: the station, or each of its EVSEs', evse, 0)
    .option('--level <n>', 'stack level; the higher goes first', wholeNumber('--level', 0, 1_000), 0)
    .option('--unit <unit>', 'A or W', 'W')
    .option('--start <time>', 'when the schedule begins, RFC 3339 UTC (default: now)')
    .option('--relative', 'it begins with the session')
    .option('--daily', 'it begins anew every day')
    .option('--weekly', 'it begins anew every week')
    .option('--duration <seconds>', 'how long it lasts (default: for ever)', wholeNumber('--duration', 1, 31_536_000))
    .option('--valid-from <time>', 'from when the plan counts')
    .option('--valid-to <time>', 'until when the plan counts')
    .option('--session <id>', 'purpose session: whose')
    .option('--min-rate <limit>', 'below this the vehicle had better not charge', rateOf)
    .addHelpText('after', `
Examples:
  $ csmsctl charging-plans set CP_112 --purpose station-max --period 0:22000
  $ csmsctl charging-plans set CP_112 --purpose session-default --evse 1 --level 1 --daily --start 2026-01-01T10:00:00Z --duration 14400 --unit A --period 0:16 --period 7200:10
  $ csmsctl charging-plans set CP_112 --purpose session --session 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d --evse 1 --relative --period 0:7000 -o json`)
    .action(async (identity: string, options: SetOptions) => {
      const context = contextOf(terminal, options);
      const body = {
        evseId: options.evse, purpose: options.purpose, stackLevel: options.level, kind: kindOf(options), recurrency: options.daily === true ? 'Daily' : options.weekly === true ? 'Weekly' : null,
        unit: options.unit, startsAt: options.relative === true ? null : options.start ?? new Date().toISOString(), durationS: options.duration ?? null, validFrom: options.validFrom ?? null, validTo: options.validTo ?? null,
        sessionId: options.session ?? null, minRate: options.minRate ?? null, periods: options.period,
      };
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const plan = await api.call('POST', `/stations/${station.id}/charging-plans`, ChargingPlanRead, { body, timeoutMs: answerMs });
      context.show(plan, () => facts([['id', plan.id], ['station', station.identity], ['EVSE', plan.evseId], ['purpose', plan.purpose], ['level', plan.stackLevel], ['state', plan.state], ['says', plan.detail], ['when', whenOf(plan)], ['limits', limitsOf(plan)]]));
      if (plan.state === 'refused') throw new CliError(`${station.identity} refused: ${plan.detail}`, exitCodes.refused);
      if (plan.state === 'pending') throw new CliError(`whether ${station.identity} took it is not known: ${plan.detail ?? 'it has not answered'}`, exitCodes.uncertain);
    });

  withCommonOptions(plans.command('clear <identity>'))
    .description('clear one plan, or each that fits; with nothing named all of the station')
    .option('--plan <id>', 'this one')
    .option('--purpose <purpose>', 'those of a purpose')
    .option('--evse <n>', 'those of an EVSE', evse)
    .option('--level <n>', 'those of a stack level', wholeNumber('--level', 0, 1_000))
    .addHelpText('after', '\nExamples:\n  $ csmsctl charging-plans clear CP_112 --purpose session-default\n  $ csmsctl charging-plans clear CP_112 --plan 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d')
    .action(async (identity: string, options: Record<string, unknown> & { plan?: string; purpose?: string; evse?: number; level?: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const body = { planId: options.plan ?? null, purpose: options.purpose ?? null, evseId: options.evse ?? null, stackLevel: options.level ?? null };
      const cleared = await api.call('POST', `/stations/${station.id}/charging-plans/clear`, ChargingPlanCleared, { body, timeoutMs: answerMs });
      context.show(cleared, () => facts([['station', station.identity], ['cleared', cleared.cleared], ['state', cleared.commandState], ['says', cleared.detail]]));
      if (!['accepted', 'rejected'].includes(cleared.commandState)) throw new CliError(`${cleared.commandState}: ${cleared.detail ?? 'whether they were cleared is not known'}`, exitCodes.uncertain);
    });

  withCommonOptions(plans.command('composite <identity>'))
    .description('ask for the composite schedule and compare it with what follows from the plans')
    .option('--evse <n>', 'which EVSE; 0: the connection to the grid', evse, 1)
    .option('--duration <seconds>', 'over how long', wholeNumber('--duration', 1, 604_800), 86_400)
    .option('--unit <unit>', 'A or W', 'W')
    .addHelpText('after', '\nExamples:\n  $ csmsctl charging-plans composite CP_112 --evse 1\n  $ csmsctl charging-plans composite CP_112 --duration 3600 -o json | jq .differences')
    .action(async (identity: string, options: Record<string, unknown> & { evse: number; duration: number; unit: string }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const composite = await api.call('POST', `/stations/${station.id}/charging-plans/composite`, Composite, { body: { evseId: options.evse, durationS: options.duration, unit: options.unit }, timeoutMs: answerMs });
      context.show(composite, () => shownComposite(station.identity, composite));
      if (composite.commandState === 'rejected' || composite.commandState === 'failed') throw new CliError(`${station.identity} gave no schedule: ${composite.detail}`, exitCodes.refused);
      if (composite.commandState !== 'accepted') throw new CliError(`${composite.commandState}: ${composite.detail ?? 'the station has not answered'}`, exitCodes.uncertain);
    });
}

function rateOf(text: string): number {
  const rate = Number(text);
  if (!Number.isFinite(rate) || rate < 0) throw new InvalidArgumentError('a rate is a number, not below nothing');
  return rate;
}

function collectPeriod(text: string, before: Period[]): Period[] {
  const [, startS, limit, phases] = /^(\d+):(\d+(?:\.\d+)?)(?::([123]))?$/.exec(text) ?? [];
  if (startS === undefined || limit === undefined) throw new InvalidArgumentError('a period is seconds:limit or seconds:limit:phases, e.g. 0:16 or 3600:10:1');
  return [...before, { startS: Number(startS), limit: Number(limit), numberPhases: phases === undefined ? null : Number(phases) }];
}

function kindOf(options: SetOptions): 'Absolute' | 'Recurring' | 'Relative' {
  const chosen = [options.relative, options.daily, options.weekly].filter((each) => each === true).length;
  if (chosen > 1) throw new CliError('--relative, --daily or --weekly, not two of them', exitCodes.usage);
  if (options.relative === true) return 'Relative';
  return chosen === 1 ? 'Recurring' : 'Absolute';
}

function whenOf(plan: ChargingPlanRead): string {
  const begins = plan.kind === 'Relative' ? 'with the session' : `${plan.recurrency === null ? 'from' : plan.recurrency.toLowerCase()} ${moment(plan.startsAt)}`;
  return `${begins}${plan.durationS === null ? '' : ` for ${plan.durationS} s`}${plan.validTo === null ? '' : `, until ${moment(plan.validTo)}`}`;
}

function limitsOf(plan: ChargingPlanRead): string {
  return plan.periods.map(({ startS, limit, numberPhases }) => `${startS === 0 ? '' : `${startS} s: `}${limit} ${plan.unit}${numberPhases === null ? '' : ` on ${numberPhases}`}`).join(', ');
}

function shownComposite(identity: string, composite: Composite): string {
  const seconds = [...new Set([...composite.ours, ...(composite.station?.periods ?? [])].map((period) => period.startS))].sort((a, b) => a - b);
  const at = (periods: Composite['ours'], second: number): string | null => periods.find((period) => period.startS === second)?.limit?.toString() ?? (periods.some((period) => period.startS === second) ? 'no limit' : null);
  const { differences } = composite;
  return facts([
    ['station', identity], ['EVSE', composite.evseId], ['from', moment(composite.from)], ['unit', composite.unit],
    ['differences', differences === null ? 'nothing to compare' : differences.length === 0 ? 'none' : differences.map((each) => `${each.fromS} s to ${each.untilS} s: ours ${each.ours}, the station ${each.station ?? 'none'}`).join('; ')],
  ]) + `\n${table(seconds, [
    { title: 'FROM', of: (second) => `${second} s`, right: true }, { title: 'OURS', of: (second) => at(composite.ours, second), right: true },
    { title: 'STATION', of: (second) => at(composite.station?.periods ?? [], second), right: true },
  ])}`;
}
