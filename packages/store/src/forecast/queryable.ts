import type pg from 'pg';
import type { QueryResult, QueryResultRow } from 'pg';
import { openPool } from '../open-pool.ts';

/** A connection that is inside a transaction in which `app.tenant` is set: row security sees to the rest. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

/** The connections of a job that runs once. */
export type JobPool = pg.Pool;

/** A small pool for a job that runs once; a connection that is lost, idle or lent, goes to `onLost` and ends nothing. */
export function openJobPool(databaseUrl: string, onLost: (error: Error) => void): JobPool {
  return openPool({ connectionString: databaseUrl, max: 3, connectionTimeoutMillis: 10_000, application_name: 'csms-ml-trainer' }, onLost);
}

/**
 * Runs `work` while this process alone holds `name` in the database; null when another one holds it now. The lock is the connection's,
 * so a killed holder lets go at once.
 */
export async function whileHolding<T>(pool: pg.Pool, name: string, work: () => Promise<T>): Promise<T | null> {
  const connection = await pool.connect();
  try {
    const { rows } = await connection.query<{ held: boolean }>('SELECT pg_try_advisory_lock(hashtextextended($1, 0)) AS held', [name]);
    if (!rows[0]?.held) return null;
    try {
      return await work();
    } finally {
      await connection.query('SELECT pg_advisory_unlock(hashtextextended($1, 0))', [name]);
    }
  } finally {
    connection.release();
  }
}
