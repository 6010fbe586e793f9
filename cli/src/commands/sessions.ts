import type { Command } from 'commander';
import { Session, SessionExplanation, SessionPage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { billOf, kW, kWh, moment, money } from '../words.ts';
import { findStation } from './stations.ts';

export function addSessions(program: Command, terminal: Terminal): void {
  const sessions = program.command('sessions').alias('session').description('charging sessions; alone: list');

  withCommonOptions(sessions.command('list', { isDefault: true }))
    .description('list sessions, latest first')
    .option('--station <identity>', 'only those of a station')
    .option('--state <state>', 'active, ended or lost-stop')
    .option('--from <time>', 'started at or after, RFC 3339 UTC')
    .option('--until <time>', 'started before, RFC 3339 UTC')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl sessions list --state active\n  $ csmsctl sessions list --station CP_112 --limit 10\n  $ csmsctl sessions list --from 2026-11-24T00:00:00Z -o json')
    .action(async (options: Record<string, unknown> & { station?: string; state?: string; from?: string; until?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const stationId = options.station === undefined ? undefined : (await findStation(api, options.station)).id;
      const items = await api.list('/sessions', { stationId, state: options.state, from: options.from, until: options.until }, SessionPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (session) => session.id }, { title: 'STATION', of: (session) => `${session.stationIdentity}/${session.connectorId ?? session.evseId}` }, { title: 'STATE', of: (session) => session.state },
        { title: 'STARTED', of: (session) => moment(session.startedAt) }, { title: 'ENDED', of: (session) => moment(session.endedAt) },
        { title: 'ENERGY', of: (session) => kWh(session.energyWh), right: true }, { title: 'BILL', of: billOf, right: true }, { title: 'DRIVER', of: (session) => session.driverName ?? session.tokenMasked }, { title: 'FLAGS', of: (session) => session.flags.join(' ') },
      ]));
    });

  withCommonOptions(sessions.command('get <id>'))
    .description('show one session and its bill')
    .addHelpText('after', '\nExamples:\n  $ csmsctl session get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d')
    .action(async (id: string, options: Record<string, unknown>) => {
      const path = `/sessions/${sessionId(id)}`;
      const context = contextOf(terminal, options);
      const session = await (await context.api('viewer')).call('GET', path, Session);
      context.show(session, () => factsOf(session) + priceLines(session));
    });

  withCommonOptions(sessions.command('explain <id>'))
    .description('say why a session is as it is: every message, every price line, every duplicate that was recognised')
    .addHelpText('after', '\nExamples:\n  $ csmsctl session explain 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl session explain 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -o json | jq \'.messages[] | select(.verdict == "duplicate")\'')
    .action(async (id: string, options: Record<string, unknown>) => {
      const path = `/sessions/${sessionId(id)}/explanation`;
      const context = contextOf(terminal, options);
      const explanation = await (await context.api('viewer')).call('GET', path, SessionExplanation);
      context.show(explanation, () => {
        const { session, messages, readings } = explanation;
        const repeated = messages.filter((message) => message.verdict === 'duplicate').length;
        return `${factsOf(session)}${priceLines(session)}\n${messages.length} messages decided about it, ${repeated} of them recognised as repeated; ${readings} readings are kept.\n${table(messages, [
          { title: 'RECEIVED', of: (message) => moment(message.receivedAt) }, { title: "CHARGER'S CLOCK", of: (message) => moment(message.eventAt) }, { title: 'MESSAGE', of: (message) => message.action },
          { title: 'SEQ', of: (message) => message.seqNo, right: true }, { title: 'VERDICT', of: (message) => message.verdict }, { title: 'WHY', of: (message) => message.detail }, { title: 'MESSAGE ID', of: (message) => message.messageId },
        ])}`;
      });
    });
}

function sessionId(text: string): string {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(text)) throw new CliError(`${text} is no session id: csmsctl sessions list prints them`, exitCodes.usage);
  return text;
}

function factsOf(session: Session): string {
  return facts([
    ['id', session.id], ['station', `${session.stationIdentity}, EVSE ${session.evseId}${session.connectorId === null ? '' : `, connector ${session.connectorId}`}`],
    ['transaction', `${session.transactionRef} (${session.ocppVersion}${session.source === 'import' ? ', imported' : ''})`], ['state', session.state],
    ['driver', session.driverName ?? session.tokenMasked], ['authorised', session.authorizationStatus], ['started', moment(session.startedAt)],
    ['ended', session.endedAt === null ? null : `${moment(session.endedAt)}${session.stopReason ? `, ${session.stopReason}` : ''}`],
    ['register', `${session.meterStartWh ?? '–'} Wh to ${session.meterStopWh ?? '–'} Wh`], ['energy', kWh(session.energyWh)], ['power now', kW(session.powerW)],
    ['idle', session.idleSeconds === 0 ? null : `${Math.round(session.idleSeconds / 60)} min`], ['flags', session.flags.join(', ')], ['tariff', session.tariff?.name], ['bill', billOf(session)],
  ]);
}

function priceLines(session: Session): string {
  const { bill } = session;
  if (!bill) return '';
  return `\n${table(bill.lines, [
    { title: 'PRICED', of: (line) => line.kind }, { title: 'QUANTITY', of: (line) => `${line.quantity} ${line.unit}`, right: true },
    { title: 'AT', of: (line) => money(line.unitPriceMinor, bill.currency), right: true }, { title: 'AMOUNT', of: (line) => money(line.amountMinor, bill.currency), right: true },
  ])}`;
}
