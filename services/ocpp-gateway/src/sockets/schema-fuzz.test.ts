import { actions, compileProtocol, decodeFrame, errorCodes, ocppVersions, type OcppVersion } from '@csms/ocpp';
import { brokenFrame, brokenRequest, validRequest } from '@csms/ocpp/testing/schema-arbitrary';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';
import { storablePayload } from './storable-payload.ts';

/*
 * Messages made from the schemas, and what broken firmware makes of them, through the real session and its twin of the books. A few thousand at every
 * run; CSMS_FUZZ_MESSAGES=100000 for all. A failure prints its seed and the smallest frames that show it.
 */
const messages = Number(process.env['CSMS_FUZZ_MESSAGES'] ?? 2_000);
const aBatch = 20;

interface Said { text: string; wanted: 'result' | 'answer' | 'anything' }

function callsOf(version: OcppVersion): fc.Arbitrary<Said[]> {
  const protocol = protocols[version];
  const frame = (action: string, payload: unknown): string => JSON.stringify([2, 'f', action, payload]);
  const said = actions[version].fromStation.map((action): fc.Arbitrary<Said> => fc.oneof(
    // Valid by the schema and within what the books count: answered with a result, whatever it says.
    { weight: 5, arbitrary: validRequest(version, action).map((payload): Said => ({ text: frame(action, payload), wanted: storable(protocol, frame(action, payload), action) ? 'result' : 'answer' })) },
    { weight: 4, arbitrary: brokenRequest(version, action).map((payload): Said => ({ text: frame(action, payload), wanted: 'answer' })) },
    { weight: 1, arbitrary: brokenFrame('f', action).map((text): Said => ({ text, wanted: 'anything' })) },
  ));
  return fc.array(fc.oneof(...said), { minLength: aBatch, maxLength: aBatch });
}

/** By the schema alone, and by the bounds of the books. */
function storable(protocol: ReturnType<typeof compileProtocol>, text: string, action: string): boolean {
  const decoded = decodeFrame(text);
  if (!decoded.ok || decoded.frame.kind !== 'call') return false;
  const { payload } = decoded.frame;
  return protocol.readRequest(action, payload).deviations.length === 0 && storablePayload(payload, text) === null;
}

const protocols = { 'ocpp1.6': compileProtocol('ocpp1.6'), 'ocpp2.0.1': compileProtocol('ocpp2.0.1') };

describe.each(ocppVersions)('C-09 %s', (version) => {
  const codes: readonly string[] = Object.values(errorCodes[version]);

  /** What was wanted and what came, so that a generator that went blind would be seen. */
  const tally = new Map<string, number>();

  it('every call that can be told from noise is answered once: a good one with a result, a bad one with a code of its dialect; nothing fails, nothing is closed', async () => {
    await fc.assert(fc.asyncProperty(callsOf(version), async (batch) => {
      const failures: unknown[] = [];
      const books = new MemoryBooks();
      const limits = { pingIntervalMs: 30_000, silentIntervalsMax: 3, stuckBytes: 1e9, stuckMs: 30_000, badMessagesMax: 1e9 };
      const { receive, frames, wire, session, deviations } = testSession(books, { version, station: aStation({ registration: 'Accepted' }), limits, onFailure: (_session, action, error) => failures.push({ action, error }) });
      for (const { text, wanted } of batch) {
        wire.written.length = 0;
        receive(text);
        for (let turn = 0; turn < 50 && session.busy; turn += 1) await settled();
        const answers = frames();
        const seen = `${wanted} ${answers.length === 0 ? 'silence' : answers[0]![0]}`;
        tally.set(seen, (tally.get(seen) ?? 0) + 1);
        const decoded = decodeFrame(text);
        const due = (decoded.ok && decoded.frame.kind === 'call') || (!decoded.ok && decoded.answerTo !== null);
        expect(answers.length, text).toBe(due ? 1 : 0);
        if (!due) continue;
        const [type, id, codeOrPayload, , details] = answers[0]!;
        expect(id).toBe(decoded.ok ? decoded.frame.id : decoded.answerTo);
        if (wanted === 'result') expect(type, text).toBe(3);
        if (type === 3) expect(codeOrPayload).toBeTypeOf('object');
        else {
          expect(codes).toContain(codeOrPayload);
          expect(codeOrPayload, text).not.toBe(errorCodes[version].internal);
          expect(details).toEqual({});
        }
      }
      session.ended();
      await deviations.flush();
      deviations.close();
      expect([failures, wire.closed, wire.terminated]).toEqual([[], [], 0]);
      expect(({} as Record<string, unknown>)['outer']).toBeUndefined();
    }), { numRuns: Math.ceil(messages / aBatch / ocppVersions.length) });
    for (const [seen, share] of [['result 3', 0.25], ['answer 3', 0.05], ['answer 4', 0.1], ['anything silence', 0.02]] as const) expect((tally.get(seen) ?? 0) * ocppVersions.length / messages, seen).toBeGreaterThan(share);
  }, 20_000 + messages * 10);
});
