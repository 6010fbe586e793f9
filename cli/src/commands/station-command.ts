import { InvalidArgumentError, type Command as Program } from 'commander';
import { z } from 'zod';
import { Command, SessionPage, StationCommand, type StationCommandRequest } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

const actions = StationCommand.options.map((option) => option.shape.action.value);

interface CommandOptions extends Record<string, unknown> {
  evse?: number; connector?: number; token?: string; session?: string; hard?: boolean; available?: boolean; unavailable?: boolean; message?: string;
  key?: string; value?: string; keys?: string[]; vendor?: string; messageId?: string; data?: string; fields?: string; wait?: boolean; timeout: number; idempotencyKey?: string;
}

export function addStationCommand(stations: Program, terminal: Terminal): void {
  const number = (name: string) => (text: string) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0 || value > 100) throw new InvalidArgumentError(`${name} is a whole number from 0 to 100`);
    return value;
  };
  withCommonOptions(stations.command('command <identity> <action>'))
    .description(`ask a station to do something: ${actions.join(', ')}`)
    .option('--wait', "wait for the station's answer")
    .option('--timeout <seconds>', 'nothing is sent after this long', wholeNumber('--timeout', 1, 120), 30)
    .option('--idempotency-key <key>', 'the same key again is the same command')
    .option('--evse <n>', 'remote-start, unlock, change-availability, trigger, extended-trigger: which EVSE', number('--evse'))
    .option('--connector <n>', 'unlock, remote-stop: which connector', number('--connector'))
    .option('--token <uid>', 'remote-start: whose card')
    .option('--session <id>', 'remote-stop: which session (default: the only one that runs there)')
    .option('--hard', 'reset: at once, without waiting for sessions')
    .option('--available', 'change-availability: back to work')
    .option('--unavailable', 'change-availability: out of order')
    .option('--message <name>', 'trigger, extended-trigger: which message, e.g. StatusNotification')
    .option('--key <name>', 'change-configuration: which key')
    .option('--value <text>', 'change-configuration: its value')
    .option('--keys <name...>', 'get-configuration: which keys (default: all)')
    .option('--vendor <id>', 'data-transfer: the vendor')
    .option('--message-id <id>', 'data-transfer: the message')
    .option('--data <text>', 'data-transfer: the data')
    .option('--fields <json>', 'the fields of an action without options of its own, as a JSON object')
    .addHelpText('after', `
Examples:
  $ csmsctl station command CP_112 reset --wait
  $ csmsctl station command CP_112 remote-stop --wait
  $ csmsctl station command CP_112 remote-start --token 04A2B6C8D1E211 --evse 1 --wait
  $ csmsctl station command CP_123 unlock --connector 2
  $ csmsctl station command CP_111 change-configuration --key MeterValueSampleInterval --value 30 --wait -o json`)
    .action(async (identity: string, action: string, options: CommandOptions) => {
      if (!(actions as string[]).includes(action)) throw new CliError(`${action} is no action of a station: one of ${actions.join(', ')}`, exitCodes.usage);
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const station = await findStation(api, identity);
      const command = await buildCommand(action, options, () => onlySession(api, station.id, options.connector));
      const timeoutMs = options.timeout * 1000;
      const sent = await api.call('POST', `/stations/${station.id}/commands?wait=${options.wait === true}`, Command, {
        body: { command, timeoutMs }, timeoutMs: timeoutMs + 15_000, headers: options.idempotencyKey === undefined ? {} : { 'idempotency-key': options.idempotencyKey },
      });
      context.show(sent, () => facts([
        ['id', sent.id], ['station', station.identity], ['action', sent.action], ['state', sent.state], ['says', sent.detail], ['asked', moment(sent.createdAt)], ['sent', moment(sent.sentAt)],
        ['answered', moment(sent.answeredAt)], ['answer', sent.result === null ? null : JSON.stringify(sent.result)], ['session', sent.sessionId],
      ]));
      if (sent.state === 'rejected' || sent.state === 'failed') throw new CliError(`${station.identity} refused`, exitCodes.refused);
      if (sent.state === 'unknown' || sent.state === 'expired' || sent.state === 'not-connected') throw new CliError(`${sent.state}: ${sent.detail ?? 'whether it happened is not known'}`, exitCodes.uncertain);
      if (options.wait !== true) terminal.err(`csmsctl: asked; csmsctl does not know the answer yet (--wait waits for it)\n`);
    });
}

/** Options to the command of the contract; its schema says what is missing. */
async function buildCommand(action: string, options: CommandOptions, sessionThere: () => Promise<string>): Promise<StationCommandRequest> {
  if (action === 'change-availability' && (options.available === true) === (options.unavailable === true)) throw new CliError('change-availability needs --available or --unavailable', exitCodes.usage);
  const fields: Record<string, unknown> = {
    'remote-start': { evseId: options.evse, tokenUid: options.token },
    'remote-stop': { sessionId: action === 'remote-stop' ? (options.session ?? (await sessionThere())) : undefined },
    reset: { kind: options.hard === true ? 'hard' : 'soft' },
    unlock: { evseId: options.evse ?? options.connector, connectorId: options.connector ?? 1 },
    'change-availability': { evseId: options.evse, available: options.available === true },
    'change-configuration': { key: options.key, value: options.value },
    'get-configuration': { keys: options.keys },
    trigger: { message: options.message, evseId: options.evse },
    'extended-trigger': { message: options.message, evseId: options.evse },
    'data-transfer': { vendorId: options.vendor, messageId: options.messageId, data: options.data },
  }[action] ?? {};
  const parsed = StationCommand.safeParse({ ...fieldsOf(options.fields), action, ...withoutUndefined(fields) });
  if (parsed.success) return parsed.data;
  const optionOf: Record<string, string> = { tokenUid: '--token', evseId: '--evse or --connector', connectorId: '--connector', sessionId: '--session', key: '--key', value: '--value', message: '--message', vendorId: '--vendor' };
  const wrong = [...new Set(parsed.error.issues.map((issue) => optionOf[String(issue.path[0])] ?? String(issue.path[0])))];
  throw new CliError(`${action} needs ${wrong.join(' and ')}, or it is wrong`, exitCodes.usage);
}

function fieldsOf(text: string | undefined): Record<string, unknown> {
  if (text === undefined) return {};
  try {
    const parsed = z.record(z.string(), z.unknown()).safeParse(JSON.parse(text));
    if (parsed.success) return parsed.data;
  } catch { /* said below, in the same words */ }
  throw new CliError('--fields takes a JSON object', exitCodes.usage);
}

function withoutUndefined(fields: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
}

async function onlySession(api: Api, stationId: string, connector: number | undefined): Promise<string> {
  const running = await api.list('/sessions', { stationId, state: 'active' }, SessionPage, 100);
  const there = connector === undefined ? running : running.filter((session) => session.connectorId === connector || session.evseId === connector);
  if (there.length === 1 && there[0]) return there[0].id;
  throw new CliError(there.length === 0 ? 'no session runs there' : `${there.length} sessions run there: name one with --session or --connector`, there.length === 0 ? exitCodes.notFound : exitCodes.usage);
}
