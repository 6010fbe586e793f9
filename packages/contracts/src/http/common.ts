import { z } from 'zod';

export const Role = z.enum(['viewer', 'operator', 'admin', 'platform']);
export type Role = z.infer<typeof Role>;

export const Uuid = z.uuid();
export const Timestamp = z.iso.datetime({ offset: false }).describe('RFC 3339, UTC');
/** A time that a caller gives; no calendar of PostgreSQL has a year 0. */
export const GivenTime = Timestamp.refine((text) => !text.startsWith('0000'), 'not a time of the calendar');
export const Money = z.number().int().describe('integer minor units of the currency (IDR: whole rupiah)');
/** A price that somebody sets: times any energy that a session can have it is still a safe integer. */
export const Price = z.number().int().min(0).max(1_000_000_000).describe('integer minor units of the currency, not below nothing');
export const EnergyWh = z.number().describe('energy in Wh');
export const PowerW = z.number().describe('power in W');

/** RFC 9457; `code` is stable and listed in docs/reference/errors.md. */
export const Problem = z.object({
  type: z.string(), title: z.string(), status: z.number().int(), code: z.string(),
  detail: z.string().optional(), instance: z.string().optional(), traceId: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});
export type Problem = z.infer<typeof Problem>;

/** Lists page by cursor: pass `nextCursor` back as `cursor`; null means that this was the last page. */
export const PageQuery = z.object({ cursor: z.string().max(512).optional(), limit: z.coerce.number().int().min(1).max(500).default(50) }).strict();
export const pageOf = <T extends z.ZodType>(item: T) => z.object({ items: z.array(item), nextCursor: z.string().nullable() });
export type Page<T> = { items: T[]; nextCursor: string | null };

export const IdParams = z.object({ id: Uuid });
