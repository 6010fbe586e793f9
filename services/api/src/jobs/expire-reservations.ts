import { eachTenant } from '@csms/store/each-tenant';
import { inTenant } from '@csms/store/in-tenant';
import { expireReservations } from '@csms/store/reservation/reservation-rows';
import type { ApiParts } from '../api-parts.ts';
import { announce } from '../mutation.ts';

/** Writes down, for each tenant, which reservations are over, so that the live stream tells it; whoever reads knows it by the clock already. */
export async function expireAllReservations(parts: Pick<ApiParts, 'pool' | 'now' | 'bus' | 'log'>): Promise<void> {
  await eachTenant(parts.pool, async (tenant) => {
    if (await inTenant(parts.pool, tenant, (db) => expireReservations(db, parts.now())) > 0) announce(parts, tenant);
  });
}
