import { ConfigError, type Logger } from '@csms/kit';
import pg from 'pg';

/**
 * The API's connections to the books. A query has 5 s, a free connection comes within 5 s or the request is told so.
 * `away` answers null while the books can be reached, else a sentence. Throws ConfigError when they cannot be reached at the start.
 */
export async function openPool(options: { databaseUrl: string; log: Logger; connectionsMax?: number }): Promise<{ pool: pg.Pool; away(): Promise<string | null> }> {
  const pool = new pg.Pool({
    connectionString: options.databaseUrl, max: options.connectionsMax ?? 10, connectionTimeoutMillis: 5_000, statement_timeout: 5_000, application_name: 'csms-api',
    idle_in_transaction_session_timeout: 10_000,
  });
  // A connection that breaks, idle or lent out, is replaced at its next use; unheard, its error would end the process.
  const lost = (err: Error): void => options.log.warn({ event: 'books_connection_lost', err }, 'a connection to the books was lost');
  pool.on('error', lost).on('connect', (client) => client.on('error', lost));
  const away = async (): Promise<string | null> => {
    try {
      await pool.query('SELECT 1');
      return null;
    } catch (error) {
      return `the books cannot be reached: ${error instanceof Error ? error.message || error.name : String(error)}`;
    }
  };
  const reason = await away();
  if (reason !== null) {
    await pool.end().catch(() => undefined);
    throw new ConfigError(`DATABASE_URL cannot be used: ${reason}`);
  }
  return { pool, away };
}
