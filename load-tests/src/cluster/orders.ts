import { z } from 'zod';

/** What the fleet's process is told at its start: where the platform's stores and gateways are, as they are reached from inside the cluster's network. */
export const fleetSetting = z.object({
  /** PostgreSQL as a superuser: stations are entered and the books are read past every rule of the product. */
  adminUrl: z.string(), redisUrl: z.string(), appUrl: z.string(), pepper: z.string(),
  /** wss address of the Service before the gateways, and the authority whose certificate it shows, PEM. */
  endpoint: z.string(), trusts: z.string(),
  /** The site of tenant demo, as the operator brought it into the books. */
  site: z.object({ namespace: z.string(), name: z.string() }),
  /** Chargers of each group. */
  groups: z.array(z.number()),
  seed: z.number(),
});
export type FleetSetting = z.infer<typeof fleetSetting>;

const group = z.number();
export const fleetOrder = z.discriminatedUnion('do', [
  /** Connects and boots a group, and lets it charge from then on; done when all are connected. */
  z.object({ do: z.literal('live'), group }),
  z.object({ do: z.literal('state') }),
  /** Done when so many chargers are connected. */
  z.object({ do: z.literal('wait-connected'), count: z.number() }),
  /** Done when so many more messages were acknowledged. */
  z.object({ do: z.literal('goes-on'), messages: z.number() }),
  /** What became of the sockets since a moment (ms since 1970). Everyone is connected. */
  z.object({ do: z.literal('moves'), sinceMs: z.number() }),
  /** So many chargers of a group end their transactions as soon as they can and begin no other; done when the stops are answered. */
  z.object({ do: z.literal('stop-charging'), group }),
  /** Its chargers end what they are at, and go. */
  z.object({ do: z.literal('leave'), group }),
  /** Ends every transaction, waits until presence is written, and lays the chargers' own truth beside the books. */
  z.object({ do: z.literal('check') }),
]);
export type FleetOrder = z.infer<typeof fleetOrder>;

export const fleetState = z.object({ connected: z.number(), acknowledged: z.number(), transactions: z.number(), open: z.number() });
export const fleetMoves = z.object({
  reconnects: z.number(),
  /** The longest time that a charger was without a socket. */
  awayMsMax: z.number(),
  /** Of all reconnects, the greatest share that one gateway got within one second. */
  crowdShareMax: z.number(),
  byGateway: z.record(z.string(), z.number()),
  closeCodes: z.record(z.string(), z.number()),
});
export const fleetCheck = z.object({ statements: z.number(), checked: z.number(), violations: z.array(z.string()), transactions: z.number(), acknowledged: z.number() });
