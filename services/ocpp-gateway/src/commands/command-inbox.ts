import type { Bus, CommandLedger, CommandRecord, InboxEntry, StationCommand } from '@csms/domain';
import { hasEnded } from '@csms/domain/command/send-command';
import { redactAnswer, redactText } from '@csms/domain/station-configuration/redact-secrets';
import type { LiveSession, SessionRegistry, CallOutcome } from '../sockets/session-registry.ts';

/*
 * The owner's side of a command: from an entry in this process's inbox, or a queued row that the bus could not bring, to one frame and one end
 * in the ledger. "Sent" is a conditional update made when it is the call's turn, so two gateways never write the same command.
 */

export interface CommandInboxParts {
  bus: Pick<Bus, 'receive' | 'send' | 'healthy'>;
  registry: SessionRegistry;
  ledger: Pick<CommandLedger, 'get' | 'markSent' | 'settle' | 'queued'>;
  translate: (version: LiveSession['version'], command: StationCommand, secret?: string) => { action: string; payload: unknown } | null;
  /** The password that a station is to be given, which no row of the ledger holds; null: none waits any more. Absent: this gateway gives none. */
  pendingCredential?: (tenantId: string, stationId: string) => Promise<string | null>;
  readAnswer: (version: LiveSession['version'], command: StationCommand, response: unknown) => { state: 'accepted' | 'rejected'; detail: string };
  gatewayName: string;
  now: () => Date;
  /** An entry that says that another gateway owns one of our stations. */
  onKick: (entry: InboxEntry) => void;
  log: { warn(fields: object, message: string): void };
  /** csms_commands_total by action and outcome, csms_command_duration_seconds from entering the ledger to the end. */
  onEnded?: (action: string, state: string, seconds: number) => void;
}

export interface CommandInbox {
  /** Takes no more; commands in work end by their sockets. */
  close(): Promise<void>;
}

type Settlement = Parameters<CommandLedger['settle']>[2];

/** Whose answers may tell a password: keys and their values, words of a vendor, whatever an error echoes. Certificates' serial numbers look like one. */
const tellsOfItself: ReadonlySet<StationCommand['action']> = new Set(['get-configuration', 'change-configuration', 'push-credential', 'set-security-profile', 'data-transfer']);

/** The ledger is read by people: what a station tells or echoes of its password does not enter it. */
function withoutSecrets(said: Settlement, secret: string): Settlement {
  return { ...said, ...(said.detail === undefined ? {} : { detail: redactText(said.detail, secret) }), ...(said.result === undefined ? {} : { result: redactAnswer(said.result, secret) }) };
}

const readLedgerEveryMs = 1_000;
/** While the bus is healthy the ledger is read only for what an inbox lost: seldom. */
const ticksBetweenReadsWhenHealthy = 5;
const settleRetriesMs = [250, 500, 1_000, 2_000, 4_000, 8_000, 15_000];

export async function startCommandInbox(parts: CommandInboxParts): Promise<CommandInbox> {
  const { bus, registry, ledger, gatewayName, now, log } = parts;
  /** Commands in work, and who wants to hear of each. */
  const inWork = new Map<string, Set<string>>();
  let stopped = false;

  const reply = (to: string, entry: Pick<InboxEntry, 'tenantId' | 'stationId' | 'epoch' | 'commandId'>, outcome: NonNullable<InboxEntry['outcome']>): void => {
    // A lost reply costs its reader a look into the ledger.
    const { tenantId, stationId, epoch, commandId } = entry;
    bus.send(to, { kind: 'reply', tenantId, stationId, epoch, commandId, outcome }).catch(() => undefined);
  };

  function receive(entry: InboxEntry): void {
    if (stopped) return;
    if (entry.kind === 'kick') return parts.onKick(entry);
    if (entry.kind !== 'command' || entry.commandId === undefined) return;
    const session = registry.get(entry.tenantId, entry.stationId);
    if (!session || session.epoch !== entry.epoch) {
      if (entry.replyTo !== undefined) reply(entry.replyTo, entry, 'not-owner');
      return;
    }
    void work(session, entry.commandId, entry.replyTo);
  }

  async function work(session: LiveSession, commandId: string, replyTo: string | undefined): Promise<void> {
    const listeners = inWork.get(commandId);
    if (listeners) {
      if (replyTo !== undefined) listeners.add(replyTo);
      return;
    }
    const wanting = new Set(replyTo === undefined ? [] : [replyTo]);
    inWork.set(commandId, wanting);
    const { tenantId, stationId } = session;
    try {
      const end = await carryOut(session, commandId);
      const entry = { tenantId, stationId, epoch: session.epoch ?? 0n, commandId };
      for (const to of wanting) if (end !== 'someone-else') reply(to, entry, end === 'not-written' ? 'not-owner' : end === 'expired' ? 'expired' : 'done');
    } catch (error) {
      log.warn({ event: 'command_failed', command: commandId, err: error }, 'a command could not be carried out; its row says how far it came');
    } finally {
      inWork.delete(commandId);
    }
  }

  /** `not-written`: still queued, another owner may have more luck. `someone-else`: sent by another gateway, which answers for it. */
  async function carryOut(session: LiveSession, commandId: string): Promise<'settled' | 'expired' | 'not-written' | 'someone-else'> {
    const record = await ledger.get(session.tenantId, commandId);
    if (record === null || record.state === 'sent') return 'someone-else';
    if (hasEnded(record.state)) return 'settled';
    const secret = record.command.action === 'push-credential' ? await parts.pendingCredential?.(record.tenantId, record.stationId) ?? null : '';
    if (secret === null) {
      await settle(record, { state: 'rejected', detail: 'no new password waits for this station', at: now() });
      return 'settled';
    }
    const call = translate(session, record.command, secret);
    if (call === null) {
      await settle(record, { state: 'rejected', detail: `${session.version} has no message for this command`, at: now() });
      return 'settled';
    }
    const outcome = await session.call(call.action, call.payload, {
      deadline: record.deadlineAt,
      beforeWrite: (messageId) => markSent(session, record, messageId),
      onLate: (answer) => void settle(record, settlementOf(session, record, answer, now()), secret).catch((error: unknown) => log.warn({ event: 'late_answer_lost', command: record.id, err: error }, 'a late answer was not recorded')),
    });
    switch (outcome.kind) {
      case 'expired': {
        const settled = await settle(record, { state: 'expired', detail: 'the deadline passed before a frame was written', at: now() });
        // The deadline passed while the books were asked: marked, and not written. Of what is marked nobody may say that it can be tried again.
        if (settled?.state === 'sent') await settle(record, { state: 'unknown', detail: 'the deadline passed as the frame was about to be written', at: now() });
        return 'expired';
      }
      case 'not-sent': {
        const current = await ledger.get(record.tenantId, record.id);
        return current === null || current.state === 'sent' ? 'someone-else' : hasEnded(current.state) ? 'settled' : 'not-written';
      }
      case 'refused':
        if (outcome.reason === 'closing') return 'not-written';
        await settle(record, { state: 'rejected', detail: outcome.reason === 'queue-full' ? 'too many commands wait for this station' : 'the command does not fit the station\'s dialect', at: now() });
        return 'settled';
      default: {
        const settled = await settle(record, settlementOf(session, record, outcome, now()), secret);
        // The socket went away before its turn: nothing was written, and the ledger knows.
        return settled !== null && settled.state === 'queued' ? 'not-written' : 'settled';
      }
    }
  }

  function translate(session: LiveSession, command: StationCommand, secret: string): { action: string; payload: unknown } | null {
    try {
      return parts.translate(session.version, command, secret);
    } catch (error) {
      log.warn({ event: 'command_not_translated', action: command.action, version: session.version, err: error }, 'a command has no form in this dialect');
      return null;
    }
  }

  async function markSent(session: LiveSession, record: CommandRecord, messageId: string): Promise<boolean> {
    const { epoch } = session;
    if (epoch === null) return false;
    try {
      return await ledger.markSent(record.tenantId, record.id, { gateway: gatewayName, epoch, messageId, at: now() });
    } catch (error) {
      // Whether the update was committed is not known, so no frame is written: at most once comes before at least once.
      log.warn({ event: 'command_not_marked', command: record.id, err: error }, 'the books could not be asked whether a frame may be written');
      return false;
    }
  }

  function settlementOf(session: LiveSession, record: CommandRecord, outcome: Extract<CallOutcome, { kind: 'result' | 'error' | 'timeout' | 'socket-lost' }>, at: Date): Settlement {
    switch (outcome.kind) {
      case 'result': {
        const { state, detail } = parts.readAnswer(session.version, record.command, outcome.payload);
        return { state, detail, result: outcome.payload, at };
      }
      case 'error': return {
        state: 'failed', detail: outcome.description === '' ? outcome.code : `${outcome.code}: ${outcome.description}`, at,
        result: { code: outcome.code, description: outcome.description, details: outcome.details ?? {} },
      };
      case 'timeout': return { state: 'unknown', detail: 'sent, and the station did not answer in time', at };
      case 'socket-lost': return { state: 'unknown', detail: 'sent, and the socket was lost before an answer', at };
    }
  }

  /** `secret`: what was pushed. An answer must not be lost because the books are away for a moment; what is lost after all becomes unknown. */
  async function settle(record: CommandRecord, said: Settlement, secret = ''): Promise<CommandRecord | null> {
    const outcome = tellsOfItself.has(record.command.action) ? withoutSecrets(said, secret) : said;
    for (let attempt = 0; ; attempt += 1) {
      try {
        const settled = await ledger.settle(record.tenantId, record.id, outcome);
        parts.onEnded?.(record.command.action, outcome.state, Math.max(0, (outcome.at.getTime() - record.createdAt.getTime()) / 1_000));
        return settled;
      } catch (error) {
        const pauseMs = settleRetriesMs[attempt];
        if (pauseMs === undefined) throw error;
        await new Promise((resolve) => setTimeout(resolve, pauseMs));
      }
    }
  }

  async function readLedger(): Promise<void> {
    const tenants = new Set<string>();
    for (const session of registry.all()) if (session.epoch !== null) tenants.add(session.tenantId);
    for (const tenantId of tenants) {
      for (const { id, stationId } of await ledger.queued(tenantId, now())) {
        const session = registry.get(tenantId, stationId);
        if (session && session.epoch !== null && !stopped) void work(session, id, undefined);
      }
    }
  }

  let tick = 0;
  let readingLedger = false;
  const reading = setInterval(() => {
    tick += 1;
    if (readingLedger || (bus.healthy() && tick % ticksBetweenReadsWhenHealthy !== 0)) return;
    readingLedger = true;
    readLedger().catch((error: unknown) => log.warn({ event: 'ledger_not_read', err: error }, 'the ledger of commands could not be read')).finally(() => {
      readingLedger = false;
    });
  }, readLedgerEveryMs);
  reading.unref();

  const stopReceiving = await bus.receive(gatewayName, receive);
  return {
    async close() {
      stopped = true;
      clearInterval(reading);
      await stopReceiving();
    },
  };
}
