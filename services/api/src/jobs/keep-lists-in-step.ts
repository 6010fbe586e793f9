import { inTenant } from '@csms/store/in-tenant';
import { staleLists } from '@csms/store/local-list/local-list-rows';
import { syncLocalList, type ListParts } from '../local-list/sync-local-list.ts';

/** Lists of one tenant that one run works on, and how many of them at once: a card that is blocked must not make a storm of a large fleet. */
const listsPerRun = 40;
const atOnce = 4;

/** Brings the lists of a tenant in step whose cards have changed and whose stations are there. Two processes share the work: a list is one's at a time. */
export async function keepListsInStep(parts: ListParts, tenant: string): Promise<void> {
  const waiting = await inTenant(parts.pool, tenant, (db) => staleLists(db, parts.now(), listsPerRun));
  const worker = async (): Promise<void> => {
    for (let stationId = waiting.shift(); stationId !== undefined; stationId = waiting.shift()) {
      await syncLocalList(parts, { tenant, stationId, createdBy: 'local lists', full: false })
        .catch((err: unknown) => parts.log.warn({ event: 'local_list_not_synced', err, tenant, stationId }, 'a local list could not be brought in step; it comes again'));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
}

/** The same for every tenant, each by itself: stations of one that are slow to answer hold up no other. Call `look` every few seconds. */
export function createListKeeper(parts: ListParts): { look(): Promise<void> } {
  const busy = new Set<string>();
  return {
    async look() {
      const { rows: tenants } = await parts.pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
      for (const { id: tenant } of tenants.filter(({ id }) => !busy.has(id))) {
        busy.add(tenant);
        keepListsInStep(parts, tenant)
          .catch((err: unknown) => parts.log.warn({ event: 'local_lists_failed', err, tenant }, 'the local lists of a tenant could not be looked at; they come again'))
          .finally(() => busy.delete(tenant));
      }
    },
  };
}
