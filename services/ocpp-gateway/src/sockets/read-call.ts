import { createHash } from 'node:crypto';
import type { Tolerance } from '@csms/domain';
import { decodeFrame, schemaDeviations, type CallFrame, type Deviation, type Protocol } from '@csms/ocpp';
import type { AnyHandler } from '../profiles/inbound.ts';
import type { Deviant, Deviations } from './deviation-log.ts';
import { MessageRefused } from './message-refused.ts';
import { storablePayload } from './storable-payload.ts';

/** The messages that carry a fact which a bill is made of: one that is not answered well is sent again, and in the end lost (1.6, 3.7.2; 2.0.1, E). */
export const transactionMessages: ReadonlySet<string> = new Set(['StartTransaction', 'StopTransaction', 'MeterValues', 'TransactionEvent']);

/** So often a transaction message that is not understood is refused; sent again, it is read as far as it can be. A station tries three times by default. */
export const refusalsMax = 3;

const everything: ReadonlySet<string> = new Set(schemaDeviations);

export interface ReadParts { protocol: Protocol; deviations: Deviations; who: Deviant; tolerance: Tolerance }
export interface HeardCall { frame: CallFrame; text: string; receivedAt: Date }

/**
 * Reads a call of a station, strictly but for what docs/tolerance.md allows, mending it in place. Null: go on. Throws MessageRefused for a message that carries
 * no fact. A transaction message that is not understood at once gets a handler of its own, which keeps it before anything is answered (G-23).
 */
export function readCall(parts: ReadParts, call: HeardCall, handler: AnyHandler): AnyHandler | null {
  const { protocol, tolerance } = parts;
  const { action, payload } = call.frame;
  const isFact = transactionMessages.has(action);
  const read = protocol.readRequest(action, payload, isFact ? tolerance.understandsAsSaid : tolerance.understands, call.receivedAt);
  const refusal = read.ok ? unstorable(protocol, payload, call.text) : refusalOf(read.violation);
  if (refusal === null) {
    if (read.deviations.length > 0) noteMended(parts, call, read.deviations);
    if (action === 'MeterValues') noteNoTransaction(parts, call);
    if (isFact && tolerance.units.length > 0) parts.deviations.note(parts.who, 'mislabelled-unit', action, call.receivedAt);
    return null;
  }
  parts.deviations.note(parts.who, 'not-understood', action, call.receivedAt);
  if (isFact) return keepingHandler(parts, call, handler, refusal);
  parts.deviations.example(parts.who, {
    key: keyOf(action, `${refusal.kind} ${refusal.message}`), action, outcome: 'refused', kinds: ['not-understood'], reason: refusal.message, frame: call.text, at: call.receivedAt,
  });
  throw refusal;
}

/**
 * Handles a transaction message that was not understood: it is kept first. Understood by an entry, or repeated after its refusals, it goes on to the
 * books with the time of its first coming where it has none; what not even that can read is refused, or, where the station would send it for ever, answered:
 * it is safe in quarantine.
 */
function keepingHandler(parts: ReadParts, call: HeardCall, handler: AnyHandler, refusal: MessageRefused): AnyHandler {
  const { protocol, deviations, who, tolerance } = parts;
  const { action } = call.frame;
  const payload = payloadOf(call.text);
  const key = keyOf(action, JSON.stringify(payload));
  const example = { key, action, kinds: ['not-understood' as const], reason: refusal.message, frame: call.text, at: call.receivedAt };
  let keeping: ReturnType<Deviations['keep']> | null = null;
  return {
    handle: async (_request, context) => {
      // Tried again while the books are away, it is still one coming.
      keeping ??= deviations.keep(who, { ...example, outcome: 'refused' });
      const { kept, times, firstAt } = await keeping.catch((error: unknown) => { keeping = null; throw error; });
      if (!kept) throw new MessageRefused({ code: protocol.code('internal'), description: 'too many messages of this station wait in quarantine', kind: 'quarantine-full' });
      const lastResort = times > refusalsMax;
      const mended = structuredClone(payload);
      const read = protocol.readRequest(action, mended, lastResort ? everything : tolerance.understands, firstAt);
      if (read.ok && unstorable(protocol, mended, call.text) === null) {
        const answer = await handler.handle(mended, context);
        for (const { kind, place } of read.deviations) deviations.note(who, kind, `${action}${place}`, call.receivedAt);
        if (lastResort) deviations.note(who, 'last-resort', action, call.receivedAt);
        deviations.example(who, { ...example, outcome: 'repaired', kinds: lastResort ? ['last-resort'] : read.deviations.map((each) => each.kind) });
        return answer;
      }
      if (lastResort && action !== 'StartTransaction') return {};
      throw refusal;
    },
  };
}

function noteMended({ deviations, who }: ReadParts, call: HeardCall, found: readonly Deviation[]): void {
  const { action } = call.frame;
  for (const { kind, place } of found) deviations.note(who, kind, `${action}${place}`, call.receivedAt);
  const kinds = [...new Set(found.map((each) => each.kind))].sort();
  deviations.example(who, {
    key: keyOf(action, found.map((each) => `${each.kind} ${each.place}`).sort().join('\n')), action, outcome: 'repaired', kinds,
    reason: found.map((each) => `${each.place.slice(1)}: ${each.kind}`).join(', ').slice(0, 500), frame: call.text, at: call.receivedAt,
  });
}

/** Ids are ours and begin at 1 (G-05): 0 and below mean that there is no transaction. */
function noteNoTransaction({ deviations, who }: ReadParts, call: HeardCall): void {
  const { transactionId } = call.frame.payload;
  if (typeof transactionId === 'number' && transactionId <= 0) deviations.note(who, 'no-transaction-id', 'MeterValues/transactionId', call.receivedAt);
}

function refusalOf(violation: { code: string; description: string; keyword: string }): MessageRefused {
  return new MessageRefused({ code: violation.code, description: violation.description, kind: violation.keyword });
}

function unstorable(protocol: Protocol, payload: Record<string, unknown>, text: string): MessageRefused | null {
  const problem = storablePayload(payload, text);
  return problem === null ? null : new MessageRefused({ code: protocol.code('property'), description: problem, kind: 'unstorable' });
}

/** The payload as it was written, before anything was mended in it. */
function payloadOf(text: string): Record<string, unknown> {
  const decoded = decodeFrame(text);
  return decoded.ok && decoded.frame.kind === 'call' ? decoded.frame.payload : {};
}

function keyOf(action: string, content: string): string {
  return createHash('sha256').update(action).update('\n').update(content).digest('hex');
}
