import type { Command } from 'commander';
import { LabState } from '@csms/contracts/http/index';
import { contextOf, withCommonOptions, type Context } from '../context.ts';
import { readPlatform } from '../platform.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

interface Address { what: string; address: string; note: string }

export function addPorts(program: Command, terminal: Terminal): void {
  withCommonOptions(program.command('ports'))
    .description('list the addresses of the platform that runs here, with the metrics and health of each process')
    .addHelpText('after', `
Examples:
  $ csmsctl ports
  $ csmsctl ports -o json | jq -r '.[] | select(.what == "api admin") | .address'`)
    .action(async (options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const addresses = await listAddresses(context);
      context.show(addresses, () => table(addresses, [
        { title: 'WHAT', of: (row) => row.what }, { title: 'ADDRESS', of: (row) => row.address }, { title: 'NOTE', of: (row) => row.note },
      ]));
    });
}

async function listAddresses(context: Context): Promise<Address[]> {
  const platform = readPlatform(context.settings);
  const { addresses } = platform;
  const admin = new Map(Object.entries(platform.adminPorts).map(([name, port]) => [name, { port, note: '' }]));
  // Processes of the local cluster come and go: their ports are asked for, not read from the file.
  try {
    const { processes } = await (await context.api('operator')).call('GET', '/lab/state', LabState);
    for (const process of processes) {
      if (typeof process.adminPort === 'number') admin.set(process.name, { port: process.adminPort, note: `${process.kind}, process ${process.pid ?? '?'}${process.ready ? '' : ', not ready'}` });
    }
  } catch {
    context.terminal.err('csmsctl: the API does not answer, so the processes of the local cluster are left out\n');
  }
  return [
    { what: 'chargers', address: addresses.ocpp, note: 'ocpp1.6, ocpp2.0.1; /<tenant>/<identity>, or /<identity> of the default tenant' },
    { what: 'api', address: addresses.api, note: `OpenAPI at ${addresses.api}/openapi.json` },
    { what: 'dashboard', address: addresses.dashboard, note: '' },
    { what: 'issuer', address: addresses.issuer, note: 'OpenID Connect' },
    { what: 'cluster', address: new URL(platform.clusterUrl).origin, note: 'the local cluster; its token is in the state folder' },
    ...[...admin].map(([name, { port, note }]) => ({ what: `${name} admin`, address: `http://127.0.0.1:${port}`, note: ['/metrics /livez /readyz', note].filter(Boolean).join('; ') })),
  ];
}
