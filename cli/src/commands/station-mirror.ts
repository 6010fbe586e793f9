import type { Command } from 'commander';
import { MirroredStation } from '@csms/contracts/http/public-mirror';
import { contextOf, withCommonOptions } from '../context.ts';
import { facts } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

/** `csmsctl station mirror`: where the public finds a station. */
export function addStationMirror(stations: Command, terminal: Terminal): void {
  withCommonOptions(stations.command('mirror <identity>'))
    .description('show where the public finds a station, and what it is shown there')
    .addHelpText('after', '\nExamples:\n  $ csmsctl station mirror CP_112\n  $ csmsctl station mirror CP_112 -o json | jq -r .publicId')
    .action(async (name: string, options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const mirrored = await api.call('GET', `/stations/${(await findStation(api, name)).id}/mirror`, MirroredStation);
      const { state } = mirrored;
      context.show(mirrored, () => facts([
        ['public id', mirrored.publicId], ['database', mirrored.database], ['node', `/chargers/${mirrored.publicId}`],
        ['shown', state === null ? 'nothing any more' : `${state.status}, ${state.power} kW, ${state.energy} kWh, ${state.duration} s, as of ${moment(state.lastUpdated)}`],
        ['version', `${mirrored.version}, ${mirrored.writtenVersion === mirrored.version ? `written ${moment(mirrored.writtenAt)}` : `not written yet (there: ${mirrored.writtenVersion === 0 ? 'none' : mirrored.writtenVersion}), waiting since ${moment(mirrored.waitingSince)}`}`],
      ]));
    });
}
