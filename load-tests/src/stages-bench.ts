import { toReadings } from '@csms/ocpp-gateway/profiles/meter-readings';
import { storablePayload } from '@csms/ocpp-gateway/sockets/storable-payload';
import { compileProtocol, decodeFrame, encodeFrame } from '@csms/ocpp';
import { z } from 'zod';
import { meterValues } from './fleet/charger-sessions.ts';
import { median, type BenchRow } from './bench-row.ts';

/** The part of MeterValues that is translated; what else it may have is the schema's. */
const meterValueShape = z.object({ meterValue: z.array(z.object({ timestamp: z.string(), sampledValue: z.array(z.object({ value: z.string(), context: z.string().optional(), measurand: z.string().optional(), phase: z.string().optional(), unit: z.string().optional() })) })) });
const times = 60_000;
const rounds = 5;

/** What each stage of a MeterValues of four samples costs in this process, one after the other and without a network; the commit is measured by `books`. */
export async function stagesBench(): Promise<BenchRow[]> {
  const protocol = compileProtocol('ocpp1.6');
  const bytes = Buffer.from(`[2,"019b8f3c-5a10-7c3e-9d55-0f6f4be0a1c2","MeterValues",${meterValues(4_711, Date.UTC(2026, 10, 24), 12_345)}]`);
  const text = bytes.toString();
  const decoded = decodeFrame(text);
  if (!decoded.ok || decoded.frame.kind !== 'call') throw new Error('the frame of the bench is no call');
  const { payload } = decoded.frame;
  const receivedAt = new Date();
  const values = meterValueShape.parse(payload).meterValue.map(({ timestamp, sampledValue }) => ({ timestamp, samples: sampledValue }));
  const place = { evseId: 1, connectorId: 1, transactionRef: '4711', receivedAt, units: [] };
  const strict: ReadonlySet<string> = new Set();
  const stages: [string, () => unknown][] = [
    ['parse: bytes to text', () => bytes.toString()],
    ['parse: text to a CALL, its nesting and keys looked at', () => decodeFrame(text)],
    ['validate: against the schema', () => protocol.readRequest('MeterValues', payload, strict, receivedAt)],
    ['validate: that the books can hold it', () => storablePayload(payload, text)],
    ['translate: into readings in our units', () => toReadings(values, place)],
    ['reply: checked against the schema and written as text', () => [protocol.checkResponse('MeterValues', {}), encodeFrame({ kind: 'result', id: '019b8f3c-5a10-7c3e-9d55-0f6f4be0a1c2', payload: {} })]],
  ];
  return stages.map(([what, stage]) => {
    const costs: number[] = [];
    for (let round = 0; round <= rounds; round += 1) {
      const before = process.cpuUsage();
      for (let n = 0; n < times; n += 1) stage();
      const { user, system } = process.cpuUsage(before);
      // The first one warms up.
      if (round > 0) costs.push((user + system) / times);
    }
    return { bench: 'stages', what, value: median(costs), unit: 'us', detail: `median of ${rounds} times ${times.toLocaleString('en')}` };
  });
}
