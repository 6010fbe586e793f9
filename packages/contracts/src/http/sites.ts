import { z } from 'zod';
import { EnergyWh, Money, PageQuery, PowerW, Timestamp, Uuid, pageOf } from './common.ts';

export const Site = z.object({
  id: Uuid, namespace: z.string(), name: z.string(), displayName: z.string(),
  latitude: z.number().nullable(), longitude: z.number().nullable(), address: z.string().nullable(), timeZone: z.string(),
  gridMaxPowerW: PowerW.nullable(), stationCount: z.number().int(), onlineStationCount: z.number().int(), createdAt: Timestamp,
});
export type Site = z.infer<typeof Site>;
export const SitePage = pageOf(Site);
export const SiteListQuery = PageQuery;

/** PUT /sites/by-resource/:namespace/:name, role platform: the operator mirrors a ChargingSite. Query or body never choose a tenant except here, where `tenant` is the namespace's. */
export const SiteUpsert = z.object({
  tenant: z.string(), tenantDisplayName: z.string().optional(), displayName: z.string(),
  latitude: z.number().min(-90).max(90).nullable(), longitude: z.number().min(-180).max(180).nullable(), address: z.string().max(500).nullable(),
  timeZone: z.string(), gridMaxPowerW: z.number().positive().nullable(), heartbeatIntervalS: z.number().int().min(10).max(86_400),
  spec: z.record(z.string(), z.unknown()),
}).strict();
export type SiteUpsert = z.infer<typeof SiteUpsert>;

/** Answer to PUT and GET /sites/by-resource/:namespace/:name: what the operator mirrors into status. GET and DELETE take ?tenant=. */
export const SiteObserved = z.object({
  id: Uuid, tenant: z.string(), stations: z.number().int(), connectedStations: z.number().int(), activeSessions: z.number().int(),
  training: z.object({
    lastSuccess: Timestamp.nullable(), status: z.enum(['none', 'learning', 'ok', 'degraded', 'failed']),
    model: z.object({ kind: z.string(), rmse: z.number().nullable(), skill: z.number().nullable() }).nullable(),
  }),
});
export type SiteObserved = z.infer<typeof SiteObserved>;

export const TimelinePoint = z.object({ at: Timestamp, energyWh: EnergyWh });

/** GET /overview?siteId=: what the first screen shows; "today" is the site's (or the tenant's first site's) local day. */
export const Overview = z.object({
  timeZone: z.string(), currency: z.string(),
  stations: z.object({ total: z.number().int(), online: z.number().int(), offline: z.number().int(), faulted: z.number().int() }),
  connectors: z.object({ total: z.number().int(), available: z.number().int(), charging: z.number().int(), faulted: z.number().int(), other: z.number().int() }),
  powerNowW: PowerW, activeSessions: z.number().int(),
  today: z.object({ from: Timestamp, energyWh: EnergyWh, totalMinor: Money, sessions: z.number().int(), hourlyEnergy: z.array(TimelinePoint) }),
  yesterday: z.object({ energyWh: EnergyWh, totalMinor: Money, sessions: z.number().int() }),
  attention: z.array(z.object({
    kind: z.enum(['station-offline', 'station-faulted', 'connector-faulted', 'station-knocking', 'orphan-stop', 'session-flagged']),
    stationId: Uuid.nullable(), identity: z.string().nullable(), connectorId: z.number().int().nullable(), sessionId: Uuid.nullable(),
    code: z.string().nullable(), since: Timestamp,
  })),
  asOf: Timestamp,
});
export type Overview = z.infer<typeof Overview>;
