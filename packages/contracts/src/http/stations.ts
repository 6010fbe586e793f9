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
  /** How it has to come in (0 nothing, 1 password, 2 password over TLS, 3 certificate over TLS), and what it was asked to raise it to. */
  securityProfile: z.number().int().min(0).max(3), securityProfileNext: z.number().int().min(1).max(3).nullable(),
  online: z.boolean(), since: Timestamp.nullable(), lastSeenAt: Timestamp.nullable(), bootedAt: Timestamp.nullable(),
  status: z.string().nullable(), errorCode: z.string().nullable(), statusAt: Timestamp.nullable(),
  /** The worst of offline, the station's own status and its connectors (notes: ux). */
  worst: z.string(),
  connectors: z.array(Connector),
});
export type Station = z.infer<typeof Station>;
export const StationPage = pageOf(Station);
export const StationListQuery = PageQuery.extend({ siteId: Uuid.optional(), identity: z.string().max(48).optional(), status: z.string().max(40).optional(), search: z.string().max(100).optional() }).strict();

export const StationCreate = z.object({ siteId: Uuid, identity: StationIdentity, displayName: z.string().max(100).optional(),
  securityProfile: z.number().int().min(0).max(3).optional().describe('how it has to come in; absent: 1 in lab mode, what the site asks for in production, where 0 and 1 are refused'),
}).strict();
/** The password is shown once and never again. */
export const StationCreated = z.object({ station: Station, credential: z.object({ username: z.string(), password: z.string(), url: z.string() }) });

export const Knocking = z.object({ identity: z.string(), firstSeenAt: Timestamp, lastSeenAt: Timestamp, attempts: z.number().int(), remoteAddress: z.string().nullable(), ocppVersion: z.string().nullable(), reason: z.string() });
export const KnockingPage = pageOf(Knocking);

export const TimelineEntry = z.object({ at: Timestamp, kind: z.string(), text: z.string() });

/** POST /stations/:id/credential: `replace` also gives up a new password that nobody has used yet. */
export const CredentialQuery = z.object({ replace: z.stringbool().default(false).describe('also where a new password is unused: a station that was given that one already is locked out until it is given the newest by hand') }).strict();

/** POST /stations/:id/credential/push: `replace` gives up one that somebody was given to carry to the station; one that is pushed is sent again. */
export const CredentialPushQuery = z.object({
  wait: z.stringbool().default(false).describe('answer when the command has ended'),
  replace: z.stringbool().default(false).describe('also where a password that somebody was given is unused: a station that was given that one already is locked out'),
}).strict();

/** PUT /stations/:id/security-profile: only ever a higher one. */
export const SecurityProfileChange = z.object({ profile: z.number().int().min(1).max(3) }).strict();
