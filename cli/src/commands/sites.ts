import type { Command } from 'commander';
import { Site, SitePage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { kW } from '../words.ts';

export function addSites(program: Command, terminal: Terminal): void {
  const sites = program.command('sites').alias('site').description('charging sites, as their ChargingSite objects made them');

  withCommonOptions(sites.command('list'))
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

  withCommonOptions(sites.command('get <id>'))
    .description('show one site')
    .addHelpText('after', '\nExamples:\n  $ csmsctl sites get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl sites get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -o json')
    .action(async (id: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const site = await (await context.api('viewer')).call('GET', `/sites/${encodeURIComponent(id)}`, Site);
      context.show(site, () => facts([
        ['id', site.id], ['resource', `${site.namespace}/${site.name}`], ['name', site.displayName], ['address', site.address],
        ['position', site.latitude === null ? null : `${site.latitude}, ${site.longitude}`], ['time zone', site.timeZone], ['grid', kW(site.gridMaxPowerW)],
        ['stations', `${site.stationCount}, ${site.onlineStationCount} online`], ['since', site.createdAt],
      ]));
    });
}
