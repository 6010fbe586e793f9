import { z } from 'zod';
import { EnergyWh, PageQuery, PowerW, Timestamp, Uuid, pageOf } from './common.ts';
import { StationIdentity } from './identity.ts';

export const Connector = z.object({
  evseId: z.number().int(), connectorId: z.number().int(), status: z.string(), errorCode: z.string().nullable(), info: z.string().nullable(),
  statusAt: Timestamp.nullable(),
  session: z.object({ id: Uuid, startedAt: Timestamp, energyWh: EnergyWh.nullable(), powerW: PowerW.nullable(), socPct: z.number().nullable(), lastReadingAt: Timestamp.nullable(), idleSince: Timestamp.nullable() }).nullable(),
});
export type Connector = z.infer<typeof Connector>;

export const Station = z.object({
  id: Uuid, siteId: Uuid, siteName: z.string(), identity: z.string(), displayName: z.string().nullable(), ocppVersion: z.string().nullable(),
  vendor: z.string().nullable(), model: z.string().nullable(), serial: z.string().nullable(), firmware: z.string().nullable(),
  online: z.boolean(), since: Timestamp.nullable(), lastSeenAt: Timestamp.nullable(), bootedAt: Timestamp.nullable(),
  status: z.string().nullable(), errorCode: z.string().nullable(), statusAt: Timestamp.nullable(),
  /** The worst of offline, the station's own status and its connectors (notes: ux). */
  worst: z.string(),
  connectors: z.array(Connector),
});
export type Station = z.infer<typeof Station>;
export const StationPage = pageOf(Station);
export const StationListQuery = PageQuery.extend({ siteId: Uuid.optional(), identity: z.string().max(48).optional(), status: z.string().max(40).optional(), search: z.string().max(100).optional() }).strict();

export const StationCreate = z.object({ siteId: Uuid, identity: StationIdentity, displayName: z.string().max(100).optional() }).strict();
/** The password is shown once and never again. */
export const StationCreated = z.object({ station: Station, credential: z.object({ username: z.string(), password: z.string(), url: z.string() }) });

export const Knocking = z.object({ identity: z.string(), firstSeenAt: Timestamp, lastSeenAt: Timestamp, attempts: z.number().int(), remoteAddress: z.string().nullable(), ocppVersion: z.string().nullable(), reason: z.string() });
export const KnockingPage = pageOf(Knocking);

export const TimelineEntry = z.object({ at: Timestamp, kind: z.string(), text: z.string() });
