import type { Command } from 'commander';
import { Site, SitePage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { kW } from '../words.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** A site by its id, by the name of its ChargingSite, or by namespace/name where several have that name. */
export async function findSite(api: Api, named: string): Promise<Site> {
  if (uuid.test(named)) return api.call('GET', `/sites/${named}`, Site);
  const items = await api.list('/sites', {}, SitePage, 100_000);
  const sites = items.filter((site) => site.name === named || `${site.namespace}/${site.name}` === named);
  if (sites.length > 1) throw new CliError(`several sites are called ${named}: ${sites.map((site) => `${site.namespace}/${site.name}`).join(', ')}`, exitCodes.usage);
  if (!sites[0]) throw new CliError(`no site is called ${named}: csmsctl sites list prints them`, exitCodes.notFound);
  return sites[0];
}

export function addSites(program: Command, terminal: Terminal): void {
  const sites = program.command('sites').alias('site').description('charging sites, as their ChargingSite objects made them; alone: list');

  withCommonOptions(sites.command('list', { isDefault: true }))
    .description('list the sites of the tenant')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl sites list\n  $ csmsctl sites list --tenant kota -o json')
    .action(async (options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/sites', {}, SitePage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (site) => site.id }, { title: 'RESOURCE', of: (site) => `${site.namespace}/${site.name}` }, { title: 'NAME', of: (site) => site.displayName },
        { title: 'STATIONS', of: (site) => site.stationCount, right: true }, { title: 'ONLINE', of: (site) => site.onlineStationCount, right: true },
        { title: 'GRID', of: (site) => kW(site.gridMaxPowerW), right: true }, { title: 'TIME ZONE', of: (site) => site.timeZone },
      ]));
    });

  withCommonOptions(sites.command('get <site>'))
    .description('show one site, by its name, namespace/name or id')
    .addHelpText('after', '\nExamples:\n  $ csmsctl sites get bandung-01\n  $ csmsctl sites get demo/bandung-01 -o json')
    .action(async (named: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const site = await findSite(await context.api('viewer'), named);
      context.show(site, () => facts([
        ['id', site.id], ['resource', `${site.namespace}/${site.name}`], ['name', site.displayName], ['address', site.address],
        ['position', site.latitude === null ? null : `${site.latitude}, ${site.longitude}`], ['time zone', site.timeZone], ['grid', kW(site.gridMaxPowerW)],
        ['stations', `${site.stationCount}, ${site.onlineStationCount} online`], ['since', site.createdAt],
      ]));
    });
}
