import type pg from 'pg';
import { ApiProblem } from '../problems/api-problem.ts';

/** A time of a request as a Date; null and undefined stay what they are. */
export function dateOf<T extends string | null | undefined>(text: T): Date | Exclude<T, string> {
  return (typeof text === 'string' ? new Date(text) : text) as Date | Exclude<T, string>;
}

/** Driver and group that a request names must be on the books of the tenant; a foreign one is none. */
export async function refersTo(client: pg.PoolClient, given: { driverId?: string | null | undefined; groupId?: string | null | undefined }): Promise<void> {
  if (given.driverId != null && (await client.query('SELECT 1 FROM driver WHERE id = $1', [given.driverId])).rowCount === 0) throw new ApiProblem('reference-missing', { detail: 'there is no such driver' });
  if (given.groupId != null && (await client.query('SELECT 1 FROM card_group WHERE id = $1', [given.groupId])).rowCount === 0) throw new ApiProblem('reference-missing', { detail: 'there is no such group of cards' });
}
