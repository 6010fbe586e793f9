import { createLogger } from '@csms/kit';
import { startTestDatabase, type TestDatabase } from '@csms/store/testing';
import pg from 'pg';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { openPool } from '../src/books-pool.ts';

let database: TestDatabase;
beforeAll(async () => { database = await startTestDatabase(); });
afterAll(() => database?.close());

it('a connection that PostgreSQL ends in the middle of a transaction is an error of that request, and not the end of the process', async () => {
  const { pool } = await openPool({ databaseUrl: database.appUrl, log: createLogger('books-pool-test', 'silent') });
  const admin = new pg.Pool({ connectionString: database.adminUrl, max: 1 });
  try {
    const lent = await pool.connect();
    const { rows } = await lent.query<{ pid: number }>('SELECT pg_backend_pid() AS pid');
    await lent.query('BEGIN');
    // Unheard, this event would be an uncaught exception.
    const broken = new Promise<Error>((resolve) => lent.once('error', resolve));
    expect(lent.listenerCount('error')).toBeGreaterThan(1);
    await admin.query('SELECT pg_terminate_backend($1)', [rows[0]!.pid]);
    expect((await broken).message).toContain('terminating connection');
    await expect(lent.query('SELECT 1')).rejects.toThrow();
    lent.release(true);
    expect((await pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  } finally {
    await pool.end();
    await admin.end();
  }
});
