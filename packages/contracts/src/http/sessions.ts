import { z } from 'zod';
import { EnergyWh, GivenTime, Money, PageQuery, PowerW, Timestamp, Uuid, pageOf } from './common.ts';

export const BillLine = z.object({ kind: z.enum(['energy', 'idle', 'session-fee']), quantity: z.number(), unit: z.enum(['kWh', 'min', 'session']), unitPriceMinor: Money, amountMinor: Money });
export const Bill = z.object({ id: Uuid, sessionId: Uuid, currency: z.string(), energyWh: EnergyWh, totalMinor: Money, lines: z.array(BillLine), state: z.enum(['provisional', 'final']), createdAt: Timestamp, finalizedAt: Timestamp.nullable() });
export type Bill = z.infer<typeof Bill>;
/** The flag of a bill of which something cannot be read, and of its session, which is then shown without it. */
export const unreadableBill = 'unreadable-bill';
/** A bill in the list of bills: what cannot be read of it is null (or no lines) and flagged, and never keeps the others from being shown. */
export const BillRead = Bill.extend({ energyWh: EnergyWh.nullable(), totalMinor: Money.nullable(), flags: z.array(z.string()).describe('`unreadable-bill`: something of this bill cannot be read; see the log') });
export type BillRead = z.infer<typeof BillRead>;
export const BillReadPage = pageOf(BillRead);

export const Session = z.object({
  id: Uuid, stationId: Uuid, stationIdentity: z.string(), siteId: Uuid, evseId: z.number().int(), connectorId: z.number().int().nullable(),
  transactionRef: z.string(), ocppVersion: z.string(), source: z.enum(['ocpp', 'import']),
  tokenMasked: z.string().nullable(), driverName: z.string().nullable(), authorizationStatus: z.string(),
  startedAt: Timestamp, startReceivedAt: Timestamp, endedAt: Timestamp.nullable(), endReceivedAt: Timestamp.nullable(),
  state: z.enum(['active', 'ended', 'lost-stop']), stopReason: z.string().nullable(),
  meterStartWh: EnergyWh.nullable(), meterStopWh: EnergyWh.nullable(), energyWh: EnergyWh.nullable(),
  powerW: PowerW.nullable(), socPct: z.number().nullable(), lastReadingAt: Timestamp.nullable(),
  idleSince: Timestamp.nullable(), idleSeconds: z.number().int(), flags: z.array(z.string()),
  bill: Bill.nullable(), tariff: z.object({ name: z.string(), energyPerKwhMinor: Money, currency: z.string() }).nullable(),
});
export type Session = z.infer<typeof Session>;
export const SessionPage = pageOf(Session);
export const SessionListQuery = PageQuery.extend({ siteId: Uuid.optional(), stationId: Uuid.optional(), state: z.enum(['active', 'ended', 'lost-stop']).optional(), from: GivenTime.optional(), until: GivenTime.optional() }).strict();

/** GET /sessions/:id/curve: readings in time order, thinned to at most `points`. */
export const CurvePoint = z.object({ at: Timestamp, powerW: PowerW.nullable(), energyWh: EnergyWh.nullable(), socPct: z.number().nullable() });
export const SessionCurve = z.object({ sessionId: Uuid, points: z.array(CurvePoint), readings: z.number().int() });
export type SessionCurve = z.infer<typeof SessionCurve>;

/** GET /sessions/:id/explanation: every message, every price line, every duplicate that was recognised. */
export const SessionExplanation = z.object({
  session: Session,
  messages: z.array(z.object({ action: z.string(), messageId: z.string(), seqNo: z.number().int().nullable(), eventAt: Timestamp.nullable(), receivedAt: Timestamp, verdict: z.enum(['applied', 'duplicate', 'late', 'orphan', 'conflict']), detail: z.string().nullable(), payload: z.unknown() })),
  readings: z.number().int(),
});
export type SessionExplanation = z.infer<typeof SessionExplanation>;

export const MeterValue = z.object({ stationId: Uuid, evseId: z.number().int(), connectorId: z.number().int(), transactionRef: z.string(), at: Timestamp, receivedAt: Timestamp, context: z.string().nullable(), registerWh: EnergyWh.nullable(), powerW: PowerW.nullable(), currentA: z.number().nullable(), voltageV: z.number().nullable(), socPct: z.number().nullable(), other: z.unknown().nullable() });
export const MeterValuePage = pageOf(MeterValue);
export const MeterValueListQuery = PageQuery.extend({ stationId: Uuid, from: GivenTime.optional(), until: GivenTime.optional() }).strict();
