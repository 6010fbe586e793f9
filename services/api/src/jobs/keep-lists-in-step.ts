import { inTenant } from '@csms/store/in-tenant';
import { staleLists } from '@csms/store/local-list/local-list-rows';
import { syncLocalList, type ListParts } from '../local-list/sync-local-list.ts';
import { createTenantKeeper, someAtOnce, type TenantKeeper } from './tenant-keeper.ts';

/** Lists of one tenant that one run works on, and how many of them at once: a card that is blocked must not make a storm of a large fleet. */
const listsPerRun = 40;
const atOnce = 4;

/** Brings the lists of a tenant in step whose cards have changed and whose stations are there. Two processes share the work: a list is one's at a time. */
export async function keepListsInStep(parts: ListParts, tenant: string): Promise<void> {
  const waiting = await inTenant(parts.pool, tenant, (db) => staleLists(db, parts.now(), listsPerRun));
  await someAtOnce(waiting, atOnce, (stationId) => syncLocalList(parts, { tenant, stationId, createdBy: 'local lists', full: false })
    .then(() => undefined, (err: unknown) => parts.log.warn({ event: 'local_list_not_synced', err, tenant, stationId }, 'a local list could not be brought in step; it comes again')));
}

/** A keeper of the lists of every tenant. Call `look` every few seconds. */
export function createListKeeper(parts: ListParts): TenantKeeper {
  return createTenantKeeper(parts, { event: 'local_lists_failed', says: 'the local lists of a tenant could not be looked at; they come again', job: (tenant) => keepListsInStep(parts, tenant) });
}
