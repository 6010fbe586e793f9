import { z } from 'zod';
import { PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

const Key = z.string().min(1).max(50).regex(/^[^\p{Cc}]*$/u, 'no control characters');
const Value = z.string().max(500);

/** One key as a station told it, or as it was changed. */
export const ConfiguredKey = z.object({
  key: z.string(), value: z.string().nullable(), pendingValue: z.string().nullable().describe('taken, and in force after a reboot'), isKnown: z.boolean().describe('false: the station does not have this key'), isReadonly: z.boolean(),
  type: z.enum(['boolean', 'integer', 'list', 'text']).nullable().describe('null: a key of the vendor\'s own'), unit: z.string().nullable(),
  source: z.enum(['read', 'changed']), at: Timestamp, commandId: Uuid.describe('the command whose answer said so'),
});
export type ConfiguredKey = z.infer<typeof ConfiguredKey>;
export const ConfiguredKeyPage = pageOf(ConfiguredKey);

/** PUT /configuration-templates: the one template of the tenant (`siteId` null) or of a site, whole. */
export const TemplatePut = z.object({ siteId: Uuid.nullable().default(null), wanted: z.record(Key, Value).refine((wanted) => Object.keys(wanted).length <= 200, 'at most 200 keys') }).strict();
export const ConfigurationTemplate = z.object({ id: Uuid, siteId: Uuid.nullable(), wanted: z.record(z.string(), z.string()), updatedBy: z.string(), updatedAt: Timestamp });
export type ConfigurationTemplate = z.infer<typeof ConfigurationTemplate>;
export const ConfigurationTemplatePage = pageOf(ConfigurationTemplate);

export const ConfigurationDifference = z.object({ key: z.string(), wanted: z.string(), value: z.string().nullable(), why: z.enum(['differs', 'unread', 'unknown-key', 'reboot-required']) });
/** A station that is not what its template wants. A page may have fewer than `limit`, or none: go on while there is a cursor. */
export const DifferingStation = z.object({ stationId: Uuid, stationIdentity: z.string(), siteId: Uuid, online: z.boolean(), readAt: Timestamp.nullable().describe('when it last told any of its keys'), differences: z.array(ConfigurationDifference) });
export type DifferingStation = z.infer<typeof DifferingStation>;
export const DifferingStationPage = pageOf(DifferingStation);
export const DifferenceListQuery = PageQuery.extend({ siteId: Uuid.optional(), stationId: Uuid.optional() }).strict();
