import pg from 'pg';
import type { QueryResult, QueryResultRow } from 'pg';

/** A connection that is inside a transaction in which `app.tenant` is set: row security sees to the rest. */
export interface Queryable {
  query<R extends QueryResultRow>(text: string, values?: unknown[]): Promise<QueryResult<R>>;
}

interface Connection extends Queryable {
  release(error?: Error | boolean): void;
}

/** A pool of connections, as `pg` has it. */
export interface ConnectionPool {
  connect(): Promise<Connection>;
}

/** Runs `work` in one transaction as a tenant; commits what it returns, rolls back what it throws. */
export async function asTenant<T>(pool: ConnectionPool, tenant: string, work: (db: Queryable) => Promise<T>): Promise<T> {
  const connection = await pool.connect();
  let broken: Error | undefined;
  try {
    await connection.query('BEGIN');
    await connection.query(`SELECT set_config('app.tenant', $1, true)`, [tenant]);
    const result = await work(connection);
    await connection.query('COMMIT');
    return result;
  } catch (error) {
    await connection.query('ROLLBACK').catch((rollbackError: unknown) => { broken = rollbackError instanceof Error ? rollbackError : new Error(String(rollbackError)); });
    throw error;
  } finally {
    connection.release(broken);
  }
}

/** A small pool for a job that runs once. `end` closes it; errors of idle connections go to `onIdleError`, because pg would throw them at the process. */
export function openJobPool(databaseUrl: string, onIdleError: (error: Error) => void): ConnectionPool & { end(): Promise<void> } {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: 3, connectionTimeoutMillis: 10_000, application_name: 'csms-ml-trainer' });
  pool.on('error', onIdleError);
  return pool;
}

/**
 * Runs `work` while this process alone holds `name` in the database; null when another one holds it now. The lock is the connection's,
 * so a killed holder lets go at once.
 */
export async function whileHolding<T>(pool: ConnectionPool, name: string, work: () => Promise<T>): Promise<T | null> {
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
