import type { Command } from 'commander';
import { Command as StationCommandRecord, ConfigurationTemplate, ConfigurationTemplatePage, ConfiguredKeyPage, DifferingStationPage } from '@csms/contracts/http/index';
import { z } from 'zod';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findSite } from './sites.ts';
import { findStation } from './stations.ts';

async function askAndWait(api: Api, stationId: string, command: object): Promise<StationCommandRecord> {
  return api.call('POST', `/stations/${stationId}/commands?wait=true`, StationCommandRecord, { body: { command, timeoutMs: 30_000 }, timeoutMs: 45_000 });
}

function refuseUnlessAccepted({ state, detail, action }: StationCommandRecord): void {
  if (state === 'rejected' || state === 'failed') throw new CliError(`${action} was refused: ${detail ?? state}`, exitCodes.refused);
  if (state !== 'accepted') throw new CliError(`${action}: ${state}${detail === null ? '' : `, ${detail}`}`, exitCodes.uncertain);
}

/** What stations have configured, should have, and where the two differ. */
export function addConfiguration(program: Command, terminal: Terminal): void {
  const configuration = program.command('configuration').alias('config').description('configuration of stations');

  withCommonOptions(configuration.command('get <identity> [keys...]'))
    .description('what a station told of its configuration')
    .option('--read', 'ask the station anew first')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration get CP_112 --read\n  $ csmsctl configuration get CP_112 HeartbeatInterval MeterValueSampleInterval -o json')
    .action(async (identity: string, keys: string[], options: Record<string, unknown> & { read?: boolean }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      if (options.read === true) refuseUnlessAccepted(await askAndWait(api, station.id, { action: 'get-configuration', keys }));
      const wanted = new Set(keys.map((key) => key.toLowerCase()));
      const items = (await api.list(`/stations/${station.id}/configuration`, {}, ConfiguredKeyPage, 1_000)).filter((each) => wanted.size === 0 || wanted.has(each.key.toLowerCase()));
      context.show(items, () => table(items, [
        { title: 'KEY', of: (each) => each.key }, { title: 'VALUE', of: (each) => (each.isKnown ? each.value : '(not known to the station)') }, { title: 'UNIT', of: (each) => each.unit }, { title: 'AFTER REBOOT', of: (each) => each.pendingValue },
        { title: 'READ-ONLY', of: (each) => (each.isReadonly ? 'yes' : 'no') }, { title: 'FROM', of: (each) => each.source }, { title: 'AT', of: (each) => moment(each.at) }, { title: 'COMMAND', of: (each) => each.commandId },
      ]));
      if (items.length === 0) terminal.err('csmsctl: nothing was read from it yet; --read asks the station\n');
    });

  withCommonOptions(configuration.command('set <identity> <key> <value>'))
    .description('change a key of a station (ChangeConfiguration)')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration set CP_112 MeterValueSampleInterval 30')
    .action(async (identity: string, key: string, value: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const done = await askAndWait(api, station.id, { action: 'change-configuration', key, value });
      context.show(done, () => `${station.identity}  ${key} = ${value}  ${done.detail ?? done.state}\n`);
      refuseUnlessAccepted(done);
      if (done.detail === 'RebootRequired') terminal.err(`csmsctl: in force after a reboot: csmsctl station command ${station.identity} reset\n`);
    });

  withCommonOptions(configuration.command('diff [identity]'))
    .description('stations that are not what their template wants')
    .option('--site <name>', 'only those of a site')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration diff\n  $ csmsctl configuration diff CP_112\n  $ csmsctl configuration diff --site bandung-01 -o json')
    .action(async (identity: string | undefined, options: Record<string, unknown> & { site?: string }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const stationId = identity === undefined ? undefined : (await findStation(api, identity)).id;
      const siteId = options.site === undefined ? undefined : (await findSite(api, options.site)).id;
      const items = await api.list('/configuration-differences', { stationId, siteId }, DifferingStationPage, 100_000);
      const rows = items.flatMap((station) => station.differences.map((difference) => ({ station, ...difference })));
      context.show(items, () => table(rows, [
        { title: 'STATION', of: (row) => row.station.stationIdentity }, { title: 'KEY', of: (row) => row.key }, { title: 'WANTED', of: (row) => row.wanted }, { title: 'HAS', of: (row) => row.value }, { title: 'WHY', of: (row) => row.why }, { title: 'READ', of: (row) => moment(row.station.readAt) },
      ]));
    });

  withCommonOptions(configuration.command('apply <identity>'))
    .description('change what differs from the template at a station')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration apply CP_112')
    .action(async (identity: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const differences = async () => (await api.list('/configuration-differences', { stationId: station.id }, DifferingStationPage, 1)).flatMap((each) => each.differences);
      const done: { key: string; wanted: string; answer: string }[] = [];
      for (const { key, wanted, why } of await differences()) {
        if (why === 'reboot-required') done.push({ key, wanted, answer: 'in force after a reboot' });
        else {
          const { state, detail } = await askAndWait(api, station.id, { action: 'change-configuration', key, value: wanted });
          done.push({ key, wanted, answer: detail ?? state });
        }
      }
      context.show(done, () => table(done, [{ title: 'KEY', of: (row) => row.key }, { title: 'WANTED', of: (row) => row.wanted }, { title: 'ANSWER', of: (row) => row.answer }]));
      const left = (await differences()).filter(({ why }) => why !== 'reboot-required');
      if (left.length > 0) throw new CliError(`${left.length} keys still differ: ${left.map(({ key }) => key).join(', ')}`, exitCodes.refused);
    });

  addTemplates(configuration, terminal);
}

function addTemplates(configuration: Command, terminal: Terminal): void {
  const templates = configuration.command('template').description('what stations should have configured; alone: list');

  withCommonOptions(templates.command('list', { isDefault: true }))
    .description('list the templates of the tenant and of its sites')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 100)
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration template list -o json')
    .action(async (options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/configuration-templates', {}, ConfigurationTemplatePage, options.limit);
      const rows = items.flatMap((template) => Object.entries(template.wanted).map(([key, value]) => ({ template, key, value })));
      context.show(items, () => table(rows, [{ title: 'ID', of: (row) => row.template.id }, { title: 'SITE', of: (row) => row.template.siteId ?? 'every site' }, { title: 'KEY', of: (row) => row.key }, { title: 'VALUE', of: (row) => row.value }, { title: 'SINCE', of: (row) => moment(row.template.updatedAt) }]));
    });

  withCommonOptions(templates.command('set <pairs...>'))
    .description('set the whole template of the tenant, or of a site, as KEY=VALUE')
    .option('--site <name>', 'of this site: goes before the tenant\'s, key by key')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration template set HeartbeatInterval=300 MeterValueSampleInterval=60\n  $ csmsctl configuration template set --site bandung-01 LocalPreAuthorize=true')
    .action(async (pairs: string[], options: Record<string, unknown> & { site?: string }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const wanted = Object.fromEntries(pairs.map((pair) => {
        const [, key, value] = /^([^=]+)=(.*)$/s.exec(pair) ?? [];
        if (key === undefined || value === undefined) throw new CliError(`${pair} is not KEY=VALUE`, exitCodes.usage);
        return [key, value];
      }));
      const siteId = options.site === undefined ? null : (await findSite(api, options.site)).id;
      const made = await api.call('PUT', '/configuration-templates', ConfigurationTemplate, { body: { siteId, wanted } });
      context.show(made, () => table(Object.entries(made.wanted), [{ title: 'KEY', of: ([key]) => key }, { title: 'VALUE', of: ([, value]) => value }]));
    });

  withCommonOptions(templates.command('delete <id>'))
    .description('take a template away; no station is changed by it')
    .addHelpText('after', '\nExamples:\n  $ csmsctl configuration template delete 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d')
    .action(async (id: string, options: Record<string, unknown>) => {
      await (await contextOf(terminal, options).api('admin')).call('DELETE', `/configuration-templates/${encodeURIComponent(id)}`, z.null());
      terminal.err('csmsctl: gone\n');
    });
}
