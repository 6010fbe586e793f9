import { z } from 'zod';
import { EnergyWh, Timestamp } from './common.ts';
import { CardUid } from './identity.ts';

/** The lab page: only served where CSMS_MODE=lab. The API forwards to the launcher's control server, which holds the simulated fleet and the processes. */
export const LabStation = z.object({
  identity: z.string(), dialect: z.string(), connected: z.boolean(), cableCut: z.boolean(), queuedMessages: z.number().int(),
  connectors: z.array(z.object({ connectorId: z.number().int(), status: z.string(), plugged: z.boolean(), powerW: z.number(), sessionEnergyWh: EnergyWh, idTag: z.string().nullable(),
    /** What the station told the holder of the last card; detail is Blocked, Invalid, ConcurrentTx, ... */
    lastCard: z.object({ outcome: z.enum(['accepted', 'refused', 'busy']), detail: z.string().nullable(), at: Timestamp }).nullable().optional() })),
});
export const LabProcess = z.object({ name: z.string(), kind: z.string(), pid: z.number().int().nullable(), ready: z.boolean(), restarts: z.number().int(), connections: z.number().int().nullable(), adminPort: z.number().int().nullable().optional().describe('metrics, /livez and /readyz on loopback') });
export const LabState = z.object({
  stations: z.array(LabStation), processes: z.array(LabProcess),
  bus: z.object({ kind: z.string(), state: z.enum(['running', 'stopped']) }),
  cards: z.array(z.object({ uid: z.string(), label: z.enum(['known', 'blocked', 'unknown']), driverName: z.string().nullable() })),
  asOf: Timestamp,
});
export type LabState = z.infer<typeof LabState>;

/** GET /lab/proof: the chargers' own truth beside the books. Every row that is acknowledged must be in the books, once, with the same Wh. */
export const LabProof = z.object({
  asOf: Timestamp,
  transactions: z.object({ byChargers: z.number().int(), acknowledged: z.number().int(), inBooks: z.number().int(), lost: z.number().int(), doubled: z.number().int(), queued: z.number().int() }),
  energyWh: z.object({ byChargers: EnergyWh, inBooks: EnergyWh, difference: EnergyWh }),
  bills: z.object({ sessionsEnded: z.number().int(), billedOnce: z.number().int(), unbilled: z.number().int(), billedTwice: z.number().int() }),
  problems: z.array(z.object({ identity: z.string(), transactionRef: z.string().nullable(), problem: z.string() })),
});
export type LabProof = z.infer<typeof LabProof>;

export const LabAction = z.discriminatedUnion('action', [
  z.object({ action: z.literal('plug'), identity: z.string(), connectorId: z.number().int().min(1) }).strict(),
  z.object({ action: z.literal('unplug'), identity: z.string(), connectorId: z.number().int().min(1) }).strict(),
  z.object({ action: z.literal('tap'), identity: z.string(), connectorId: z.number().int().min(1), uid: CardUid }).strict(),
  z.object({ action: z.literal('cut'), identity: z.string() }).strict(),
  z.object({ action: z.literal('restore'), identity: z.string() }).strict(),
  z.object({ action: z.literal('fault'), identity: z.string(), connectorId: z.number().int().min(1) }).strict(),
  z.object({ action: z.literal('clear'), identity: z.string(), connectorId: z.number().int().min(1) }).strict(),
  z.object({ action: z.literal('kill-process'), name: z.string() }).strict(),
  z.object({ action: z.literal('stop-bus') }).strict(),
  z.object({ action: z.literal('start-bus') }).strict(),
]);
export type LabAction = z.infer<typeof LabAction>;
export const LabActionResult = z.object({ ok: z.boolean(), message: z.string() });
