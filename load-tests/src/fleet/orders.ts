import { z } from 'zod';

/** What the fleet's process is told at its start. */
export const fleetSetting = z.object({
  port: z.number(), tenant: z.string(), password: z.string(), count: z.number(), seed: z.number(),
  /** Chargers are B<firstIndex> and up. */
  firstIndex: z.number(),
  /** The certificate of the authority to trust; present: chargers speak TLS. */
  caFile: z.string().optional(),
  backoffFirstMs: z.number(), backoffMaxMs: z.number(), answerTimeoutMs: z.number(), bootAlways: z.boolean(),
});
export type FleetSetting = z.infer<typeof fleetSetting>;

const range = { from: z.number(), count: z.number() };

/** What it may be asked to do; each order is answered when it is done. */
export const fleetOrder = z.discriminatedUnion('do', [
  /** Connects and boots chargers, at most `window` on their way at once; done when all are booted, or connected where they do not boot. */
  z.object({ do: z.literal('connect'), ...range, window: z.number(), boot: z.boolean().default(true) }),
  /** One transaction each, open from then on. */
  z.object({ do: z.literal('start'), ...range }),
  /** Calls for so long: as fast as they are answered, or `perSecond` in all, spread over the chargers. */
  z.object({ do: z.literal('load'), ...range, seconds: z.number(), perSecond: z.number().nullable(), action: z.enum(['MeterValues', 'Heartbeat', 'Authorize']), cards: z.number().default(0) }),
  /** From now on transactions, one after the other, and the readings in them, whether there is a line or not. */
  z.object({ do: z.literal('live'), ...range, readingEveryMs: z.number(), readings: z.number(), pauseMs: z.number() }),
  /** Begins no more transactions; done when every queue is empty. */
  z.object({ do: z.literal('finish') }),
  /** Cuts the lines of chargers; done at once, they come back by themselves. */
  z.object({ do: z.literal('drop'), ...range }),
  /** Done when so many chargers are connected and booted. */
  z.object({ do: z.literal('wait-ready'), count: z.number() }),
  z.object({ do: z.literal('state') }),
  z.object({ do: z.literal('truth') }),
]);
export type FleetOrder = z.infer<typeof fleetOrder>;

export const loadDone = z.object({
  acknowledged: z.number(), seconds: z.number(), p50Ms: z.number(), p99Ms: z.number(), mostMs: z.number(),
  /** The longest time in which no charger at all got an answer. */
  silenceMsMax: z.number(),
});
export type LoadDone = z.infer<typeof loadDone>;

export const connectDone = z.object({ seconds: z.number() });

export const fleetState = z.object({
  open: z.number(), ready: z.number(), waiting: z.number(), opened: z.number(), refused: z.number(), failed: z.number(), lost: z.number(), errors: z.number(), lastError: z.string(), timeouts: z.number(),
  closeCodes: z.record(z.string(), z.number()), awayMsMax: z.number(), reconnects: z.number(), sessionsBegun: z.number(), cpuSeconds: z.number(),
});
export type FleetState = z.infer<typeof fleetState>;

/** What the chargers themselves know of a transaction; times in ms since 1970. */
export const sessionTruth = z.object({
  identity: z.string(), idTag: z.string(), startedAtMs: z.number(), meterStartWh: z.number(), transactionId: z.number().nullable(),
  /** Times of the readings that were answered. */
  readingsMs: z.array(z.number()), readingsMade: z.number(),
  stop: z.object({ atMs: z.number(), meterWh: z.number(), acknowledged: z.boolean() }).nullable(),
});
export type SessionTruth = z.infer<typeof sessionTruth>;
