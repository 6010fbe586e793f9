import { reachOf, shownAt } from '@csms/contracts/commands/reach';
import { actions, ocppVersions, type OcppVersion } from '@csms/ocpp';
import { inboundProfiles } from './inbound.ts';
import { outgoingProfiles16 } from './outgoing-16.ts';
import { outgoing201 } from './outgoing-201.ts';
import { translateCommand } from './outgoing.ts';
import type { StationCommand } from '@csms/domain';

/** One command of each action, to ask the tables what they make of it. */
export const exampleCommands: { readonly [A in StationCommand['action']]: Extract<StationCommand, { action: A }> } = {
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
  'extended-trigger': { action: 'extended-trigger', message: 'Heartbeat', evseId: null },
  'send-local-list': { action: 'send-local-list', listVersion: 1, updateType: 'full', entries: [] },
  'get-local-list-version': { action: 'get-local-list-version' },
  'reserve-now': { action: 'reserve-now', reservationId: 1, evseId: 1, tokenUid: '04A2B3C4', parentUid: null, expiresAt: '2030-01-01T00:00:00Z' },
  'cancel-reservation': { action: 'cancel-reservation', reservationId: 1 },
  'set-charging-profile': {
    action: 'set-charging-profile', evseId: 1,
    plan: { profileId: 1, purpose: 'session-default', stackLevel: 0, kind: 'Relative', recurrency: null, validFrom: null, validTo: null, transactionRef: null, unit: 'W', durationS: null, startsAt: null, minRate: null, periods: [{ startS: 0, limit: 11_000, numberPhases: null }] },
  },
  'clear-charging-profile': { action: 'clear-charging-profile', profileId: 1, evseId: null, purpose: null, stackLevel: null },
  'get-composite-schedule': { action: 'get-composite-schedule', evseId: 1, durationS: 3_600, unit: 'W' },
  'update-firmware': { action: 'update-firmware', location: 'https://x/f', retrieveAt: '2030-01-01T00:00:00Z', retries: null, retryIntervalS: null },
  'signed-update-firmware': { action: 'signed-update-firmware', requestId: 1, location: 'https://x/f', retrieveAt: '2030-01-01T00:00:00Z', installAt: null, signingCertificatePem: 'x', signature: 'x', retries: null, retryIntervalS: null },
  'get-diagnostics': { action: 'get-diagnostics', location: 'https://x/d', startAt: null, stopAt: null, retries: null, retryIntervalS: null },
  'get-log': { action: 'get-log', requestId: 1, logType: 'SecurityLog', location: 'https://x/l', oldestAt: null, latestAt: null, retries: null, retryIntervalS: null },
  'certificate-signed': { action: 'certificate-signed', chainPem: 'x' },
  'install-certificate': { action: 'install-certificate', use: 'CentralSystemRootCertificate', pem: 'x' },
  'delete-certificate': { action: 'delete-certificate', hash: { hashAlgorithm: 'SHA256', issuerNameHash: 'x', issuerKeyHash: 'x', serialNumber: 'x' } },
  'push-credential': { action: 'push-credential' }, 'set-security-profile': { action: 'set-security-profile', profile: 2 },
  'get-installed-certificate-ids': { action: 'get-installed-certificate-ids', use: 'CentralSystemRootCertificate' },
};

const commandsByProfile: Record<OcppVersion, Record<string, object>> = { 'ocpp1.6': outgoingProfiles16, 'ocpp2.0.1': { 'B, E, F, G, P': outgoing201 } };

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

/** Feature profiles of 1.6 by action, where one table of ours answers or asks for two of them. */
const extension = 'Security extension';
const profileOf16: Readonly<Record<string, string>> = {
  TriggerMessage: 'RemoteTrigger', ExtendedTriggerMessage: extension, GetLog: extension, LogStatusNotification: extension, SignedUpdateFirmware: extension, SignedFirmwareStatusNotification: extension,
};

function profileOf(version: OcppVersion, table: string, action: string): string {
  return (version === 'ocpp1.6' ? profileOf16[action] : undefined) ?? table;
}

function fromStation(version: OcppVersion): string[] {
  const profiles: Record<string, object> = inboundProfiles[version];
  return [
    '### From the station', '', '| profile | action | while the books cannot be reached | shown at | and by |', '|---|---|---|---|---|',
    ...Object.entries(profiles).flatMap(([profile, table]) => Object.entries(table).map(([action, handler]) => {
      const where = shownAt(action);
      if (where === undefined) throw new Error(`${action} of a station is shown nowhere`);
      return `| ${profileOf(version, profile, action)} | ${action} | ${duringOutage(action, handler as object)} | \`${where.route}\` | \`${where.verb}\` |`;
    })),
  ];
}

function duringOutage(action: string, handler: object): string {
  if (action === 'Authorize') return 'by `CSMS_AUTHORIZE_WITHOUT_BOOKS`: cards that were accepted lately, or none';
  if ('withoutBooks' in handler) return 'answered';
  return 'fromMemory' in handler ? 'answered from memory, and written later' : 'held for up to 20 s, then `InternalError`';
}

function toStation(version: OcppVersion): string[] {
  const rows = Object.entries(commandsByProfile[version]).flatMap(([profile, table]) => (Object.keys(table) as StationCommand['action'][]).map((command) => {
    const { action = '' } = translateCommand(version, exampleCommands[command]) ?? {};
    const { route, verb } = reachOf(command);
    return { action, row: `| ${profileOf(version, profile, action)} | ${action} | ${command} | \`${route}\` | \`${verb}\` |` };
  }));
  const unasked = actions[version].toStation.filter((action) => !rows.some((row) => row.action === action));
  if (unasked.length > 0) throw new Error(`${version}: no command makes ${unasked.join(', ')}`);
  return ['### To the station', '', '| profile | action | command | API route | CLI verb |', '|---|---|---|---|---|', ...rows.map(({ row }) => row)];
}
