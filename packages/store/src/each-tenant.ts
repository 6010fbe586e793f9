import type pg from 'pg';

/**
 * Does `job` for every tenant, one after the other: what fails for one keeps it from no other. Throws at the end what failed, one error as it was, several as
 * an AggregateError.
 */
export async function eachTenant(pool: pg.Pool, job: (tenantId: string) => Promise<unknown>): Promise<void> {
  const failures: unknown[] = [];
  for (const { id } of (await pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id')).rows) {
    try {
      await job(id);
    } catch (error) {
      failures.push(error);
    }
  }
  if (failures.length === 1) throw failures[0];
  if (failures.length > 1) throw new AggregateError(failures, `${failures.length} tenants: ${String(failures[0])}`);
}
