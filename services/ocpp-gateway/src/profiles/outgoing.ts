import type { StationCommand } from '@csms/domain';
import type { OcppVersion } from '@csms/ocpp';
import { outgoing16 } from './outgoing-16.ts';
import { outgoing201 } from './outgoing-201.ts';
import type { OutgoingProfile } from './outgoing-table.ts';

/**
 * A command in a station's own dialect; null where the dialect has no such message, or we do not speak it. The payload still has to pass the dialect's
 * schema, which `LiveSession.call` sees to. `secret`: what the command's row does not hold (outgoing-table.ts).
 */
export function translateCommand(version: OcppVersion, command: StationCommand, secret = ''): { action: string; payload: unknown } | null {
  const table: OutgoingProfile<'ocpp1.6'> | OutgoingProfile<'ocpp2.0.1'> = version === 'ocpp1.6' ? outgoing16 : outgoing201;
  // Both keys of the lookup are the command's own action; the table's type has proved that the entry takes this very command.
  const translate = table[command.action] as ((command: StationCommand, secret: string) => { action: string; payload: unknown }) | undefined;
  return translate === undefined ? null : translate(command, secret);
}

export interface ReadAnswer { state: 'accepted' | 'rejected'; detail: string }

/** Statuses by which a station says yes, at once or for later. */
const yes = new Set(['Accepted', 'AcceptedCanceled', 'Unlocked', 'Scheduled', 'RebootRequired']);

/** Did the station say yes? An answer that cannot be read is a no, and says so: the station did get the command. */
export function readAnswer(_version: OcppVersion, command: StationCommand, response: unknown): ReadAnswer {
  switch (command.action) {
    case 'get-configuration': return readConfiguration(response);
    case 'change-configuration': case 'push-credential': return verdict(statusOf(response) ?? listed(response, 'setVariableResult').map(attributeStatusOf).find(isText));
    // 1.6, 6.46: the answer to UpdateFirmware is empty; what comes of it is told by FirmwareStatusNotification.
    case 'update-firmware': return { state: 'accepted', detail: 'asked' };
    case 'get-diagnostics': return readFileName(field(response, 'fileName'));
    case 'get-local-list-version': return readListVersion(field(response, 'listVersion'));
    default: return verdict(statusOf(response), reasonOf(response));
  }
}

function readConfiguration(response: unknown): ReadAnswer {
  // 1.6: configurationKey and unknownKey, both optional. 2.0.1: one result a variable.
  const results = listed(response, 'getVariableResult');
  if (results.length > 0) {
    const known = results.filter((result) => attributeStatusOf(result) === 'Accepted').length;
    return { state: known > 0 ? 'accepted' : 'rejected', detail: `${known} of ${results.length} variables known` };
  }
  const known = listed(response, 'configurationKey').length;
  const unknown = listed(response, 'unknownKey').length;
  return { state: known > 0 || unknown === 0 ? 'accepted' : 'rejected', detail: `${known} of ${known + unknown} keys known` };
}

/** 1.6, 6.26: no file name means that there is nothing to upload. */
function readFileName(name: unknown): ReadAnswer {
  return isText(name) && name !== '' ? { state: 'accepted', detail: `uploads ${name.slice(0, 255)}` } : { state: 'rejected', detail: 'the station has nothing to upload' };
}

/** 1.6, 5.10: 0 is an empty list, -1 says that local lists are not supported. */
function readListVersion(version: unknown): ReadAnswer {
  if (typeof version !== 'number') return { state: 'rejected', detail: 'the answer has no list version' };
  return version < 0 ? { state: 'rejected', detail: 'local lists are not supported' } : { state: 'accepted', detail: `version ${version}` };
}

function verdict(status: string | undefined, reason?: string): ReadAnswer {
  if (status === undefined) return { state: 'rejected', detail: 'the answer has no status' };
  return { state: yes.has(status) ? 'accepted' : 'rejected', detail: reason === undefined ? status : `${status}: ${reason}` };
}

function field(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
}

function listed(value: unknown, name: string): unknown[] {
  const list = field(value, name);
  return Array.isArray(list) ? list : [];
}

function statusOf(value: unknown): string | undefined {
  const status = field(value, 'status');
  return isText(status) ? status : undefined;
}

function attributeStatusOf(value: unknown): string | undefined {
  const status = field(value, 'attributeStatus');
  return isText(status) ? status : undefined;
}

function reasonOf(value: unknown): string | undefined {
  const reason = field(field(value, 'statusInfo'), 'reasonCode');
  return isText(reason) ? reason : undefined;
}

function isText(value: unknown): value is string {
  return typeof value === 'string';
}
