import type { RouteEntry } from './routes.ts';
import { z } from 'zod';
import { CardUid } from './identity.ts';

/** The prototype's paths, in the prototype's shapes: `/predict/availability`, `/health/score`, `/model/metrics`, `/cps`, `/users`, ... */
export const LegacyForecast = z.object({ forecast: z.array(z.number()).length(24).describe('kWh an hour for the next 24 hours') });
export const LegacyScore = z.object({ score: z.number() });
export const LegacyModelMetrics = z.object({ load_model_mae: z.number().describe('kWh an hour, over issued forecasts'), sample_size: z.number().int(), last_trained: z.number().describe('seconds since 1970') });

/** GET /cps and GET /users: plain lists, as the prototype's pages read them. */
export const LegacyStation = z.object({ id: z.string(), status: z.string(), vendor: z.string().nullable(), model: z.string().nullable(), last_seen: z.string().nullable() });
export const LegacyUser = z.object({ id: z.string(), id_tag: z.string().describe('masked'), name: z.string().nullable() });
/** POST /users: a card and whose it is. */
export const LegacyUserCreate = z.object({ uid: CardUid, name: z.string().trim().min(1).max(100) }).strict();
/**
 * The prototype's query names no site; ours may, by `site` (its id, its name, or namespace/name) or by `siteId`, else the tenant's first one is meant.
 * `hours` is the prototype's parameter and may only be 24.
 */
export const LegacyQuery = z.object({ site: z.string().min(1).max(300).optional(), siteId: z.uuid().optional(), hours: z.coerce.number().int().min(24).max(24).optional() }).strict()
  .refine((query) => query.site === undefined || query.siteId === undefined, { path: ['site'], message: 'site and siteId name the same thing: give one' });
/** Which site an answer in the prototype's shape is about: its id. */
export const legacySiteHeader = 'x-csms-site';

/** The prototype's paths, under /api/v1 and at the root, where the prototype had them; kept as aliases: answered from the same books, or by a 501 that names the model that is missing. */
export const prototypeRoutes = [
  { method: 'GET', path: '/predict/availability', role: 'viewer' },
  { method: 'GET', path: '/predict/maintenance', role: 'viewer' },
  { method: 'GET', path: '/analytics/users', role: 'viewer' },
  { method: 'GET', path: '/optimize/load', role: 'viewer' },
  { method: 'GET', path: '/health/score', role: 'viewer' },
  { method: 'GET', path: '/model/metrics', role: 'viewer' },
  { method: 'GET', path: '/cps', role: 'viewer' },
  { method: 'GET', path: '/users', role: 'viewer' },
  { method: 'POST', path: '/users', role: 'admin' },
] as const satisfies readonly RouteEntry[];
