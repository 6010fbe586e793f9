import type { AskingParts } from '../ask-station.ts';

/** A job that looks at tenants again and again. */
export interface TenantKeeper { look(): Promise<void> }

/**
 * A keeper that does `job` for every tenant, each by itself: stations of one that are slow to answer hold up no other, and a tenant whose last run goes on is
 * left out. What fails is logged as `event` with `says`, and comes again. Call `look` every few seconds.
 */
export function createTenantKeeper({ pool, log }: Pick<AskingParts, 'pool' | 'log'>, { event, says, job }: { event: string; says: string; job: (tenant: string) => Promise<void> }): TenantKeeper {
  const busy = new Set<string>();
  return {
    async look() {
      const { rows: tenants } = await pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
      for (const { id: tenant } of tenants.filter(({ id }) => !busy.has(id))) {
        busy.add(tenant);
        job(tenant).catch((err: unknown) => log.warn({ event, err, tenant }, says)).finally(() => busy.delete(tenant));
      }
    },
  };
}

/** Does `job` for each of `stationIds`, `atOnce` of them at a time. A job that fails is its own to catch. */
export async function someAtOnce(stationIds: readonly string[], atOnce: number, job: (stationId: string) => Promise<void>): Promise<void> {
  const waiting = [...stationIds];
  const worker = async (): Promise<void> => {
    for (let stationId = waiting.shift(); stationId !== undefined; stationId = waiting.shift()) await job(stationId);
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}
