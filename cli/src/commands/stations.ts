import type { Command } from 'commander';
import { Station, StationPage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { connectorsOf, kW, kWh, moment } from '../words.ts';
import { addQuirks } from './quirks.ts';
import { addStationMirror } from './station-mirror.ts';
import { addStationSecurity } from './station-security.ts';
import { addStationCommand } from './station-command.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A station by its id or by its OCPP identity. */
export async function findStation(api: Api, name: string): Promise<Station> {
  if (uuid.test(name)) return api.call('GET', `/stations/${name}`, Station);
  const { items } = await api.call('GET', `/stations?${new URLSearchParams({ identity: name })}`, StationPage);
  const station = items[0];
  if (!station) throw new CliError(`no station with the identity ${name} is registered`, exitCodes.notFound);
  return station;
}

export function addStations(program: Command, terminal: Terminal): void {
  const stations = program.command('stations').alias('station').description('charging stations; alone: list');

  withCommonOptions(stations.command('list', { isDefault: true }))
    .description('list stations with their worst state')
    .option('--status <status>', 'only those in this state, e.g. Faulted, Offline, Charging')
    .option('--search <text>', 'only those whose identity or name contains it')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl stations list\n  $ csmsctl stations list --status Faulted\n  $ csmsctl stations list -o json | jq -r \'.[].identity\'')
    .action(async (options: Record<string, unknown> & { status?: string; search?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/stations', { status: options.status, search: options.search }, StationPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'IDENTITY', of: (station) => station.identity }, { title: 'STATE', of: (station) => station.worst }, { title: 'SITE', of: (station) => station.siteName },
        { title: 'CONNECTORS', of: (station) => connectorsOf(station.connectors) },
        { title: 'POWER', of: (station) => kW(station.connectors.reduce((sum, connector) => sum + (connector.session?.powerW ?? 0), 0)), right: true },
        { title: 'OCPP', of: (station) => station.ocppVersion?.replace('ocpp', '') }, { title: 'LAST SEEN', of: (station) => moment(station.lastSeenAt) },
      ]));
    });

  withCommonOptions(stations.command('get <identity>'))
    .description('show one station, by its identity or its id')
    .addHelpText('after', '\nExamples:\n  $ csmsctl station get CP_112\n  $ csmsctl station get CP_112 -o json')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const station = await findStation(await context.api('viewer'), name);
      context.show(station, () => facts([
        ['id', station.id], ['identity', station.identity], ['name', station.displayName], ['site', station.siteName], ['state', station.worst],
        ['connected', `${station.online ? 'yes' : 'no'}, since ${moment(station.since) ?? 'never'}`], ['last seen', moment(station.lastSeenAt)], ['booted', moment(station.bootedAt)],
        ['OCPP', station.ocppVersion], ['made by', [station.vendor, station.model, station.serial].filter(Boolean).join(' ')], ['firmware', station.firmware],
        ['security profile', `${station.securityProfile}${station.securityProfileNext === null ? '' : `, asked to raise it to ${station.securityProfileNext}`}`],
      ]) + '\n' + table(station.connectors, [
        { title: 'EVSE', of: (connector) => connector.evseId, right: true }, { title: 'CONNECTOR', of: (connector) => connector.connectorId, right: true },
        { title: 'STATUS', of: (connector) => connector.status }, { title: 'ERROR', of: (connector) => (connector.errorCode === 'NoError' ? null : connector.errorCode) },
        { title: 'SINCE', of: (connector) => moment(connector.statusAt) }, { title: 'SESSION', of: (connector) => connector.session?.id },
        { title: 'POWER', of: (connector) => kW(connector.session?.powerW ?? null), right: true }, { title: 'ENERGY', of: (connector) => kWh(connector.session?.energyWh ?? null), right: true },
      ]));
    });

  addStationMirror(stations, terminal);
  addQuirks(stations, terminal);
  addStationSecurity(stations, terminal);
  addStationCommand(stations, terminal);
}
