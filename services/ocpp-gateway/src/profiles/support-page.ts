import { actions, ocppVersions, type OcppVersion } from '@csms/ocpp';
import { inboundProfiles } from './inbound.ts';
import { outgoing16 } from './outgoing-16.ts';
import { outgoing201 } from './outgoing-201.ts';
import { translateCommand } from './outgoing.ts';
import type { StationCommand } from '@csms/domain';

/** One command of each action, to ask the tables what they make of it. */
const examples: { readonly [A in StationCommand['action']]: Extract<StationCommand, { action: A }> } = {
  'remote-start': { action: 'remote-start', evseId: 1, tokenUid: '04A2B3C4', remoteStartId: 1 },
  'remote-stop': { action: 'remote-stop', transactionRef: '1' },
  reset: { action: 'reset', kind: 'soft' },
  unlock: { action: 'unlock', evseId: 1, connectorId: 1 },
  'change-availability': { action: 'change-availability', evseId: 0, available: true },
  'clear-cache': { action: 'clear-cache' },
  'change-configuration': { action: 'change-configuration', key: 'A.B', value: '1' },
  'get-configuration': { action: 'get-configuration', keys: ['A.B'] },
  trigger: { action: 'trigger', message: 'Heartbeat', evseId: null },
  'data-transfer': { action: 'data-transfer', vendorId: 'x', messageId: null, data: null },
};

/** docs/reference/ocpp-support.md, made from the very tables that answer and ask. Ends with a newline. */
export function supportPage(): string {
  return [
    '# What is spoken of OCPP',
    '',
    'Printed from the gateway\'s profile tables by `npm run golden`; a test holds it. Any other action of a',
    'version is answered with `NotSupported`, and an action that the version does not know with `NotImplemented`.',
    '',
    ...ocppVersions.flatMap((version) => [`## ${version}`, '', ...fromStation(version), '', ...toStation(version), '']),
  ].join('\n');
}

function fromStation(version: OcppVersion): string[] {
  const profiles: Record<string, object> = inboundProfiles[version];
  return [
    '### From the station', '', '| profile | action | while the books cannot be reached |', '|---|---|---|',
    ...Object.entries(profiles).flatMap(([profile, table]) => Object.entries(table).map(([action, handler]) => `| ${profile} | ${action} | ${duringOutage(handler as object)} |`)),
  ];
}

function duringOutage(handler: object): string {
  if ('withoutBooks' in handler) return 'answered';
  return 'fromMemory' in handler ? 'answered from memory, and written later' : 'held for up to 20 s, then `InternalError`';
}

function toStation(version: OcppVersion): string[] {
  const table = version === 'ocpp1.6' ? outgoing16 : outgoing201;
  const rows = Object.keys(table).map((command) => {
    const { action } = translateCommand(version, examples[command as StationCommand['action']]);
    return { action, row: `| ${command} | ${action} |` };
  });
  const unasked = actions[version].toStation.filter((action) => !rows.some((row) => row.action === action));
  if (unasked.length > 0) throw new Error(`${version}: no command makes ${unasked.join(', ')}`);
  return ['### To the station', '', '| command | action |', '|---|---|', ...rows.map(({ row }) => row)];
}
