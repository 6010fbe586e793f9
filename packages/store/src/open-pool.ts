import pg from 'pg';

/**
 * A pool whose connections may be lost at any moment without ending the process: a connection that dies while it is lent out emits an error of its own,
 * beside the rejection that its borrower sees.
 */
export function openPool(options: pg.PoolConfig & { connectionString: string }, onLost: (error: Error) => void = () => undefined): pg.Pool {
  const pool = new pg.Pool({ connectionTimeoutMillis: 5_000, ...options });
  pool.on('error', onLost);
  pool.on('connect', (client) => client.on('error', onLost));
  return pool;
}
