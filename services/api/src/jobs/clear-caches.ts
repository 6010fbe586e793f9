import { claimCacheClear, endCacheClear, staleCaches } from '@csms/store/cards/card-cache';
import { inTenant } from '@csms/store/in-tenant';
import { askStation, whyNot, type AskingParts } from '../ask-station.ts';
import { createTenantKeeper, someAtOnce, type TenantKeeper } from './tenant-keeper.ts';

/** Stations of one tenant in one run, and how many at once: a block must not make a storm of a large fleet, and must not wait for one slow station. */
const stationsPerRun = 200;
const atOnce = 8;
const askMs = 20_000;
const claimMs = 60_000;

/** A keeper of the card caches of every tenant. Call `look` every second. */
export function createCacheKeeper(parts: AskingParts): TenantKeeper {
  return createTenantKeeper(parts, { event: 'caches_failed', says: 'the card caches of a tenant\'s stations could not be looked at; they come again', job: (tenant) => clearCaches(parts, tenant) });
}

/**
 * Asks the stations of a tenant that were not asked since the last block to forget the cards that they have cached (1.6, 5.4; 2.0.1, C11). A station that is
 * away is asked when it comes again. Two processes share the work.
 */
export async function clearCaches(parts: AskingParts, tenant: string): Promise<void> {
  const waiting = await inTenant(parts.pool, tenant, (db) => staleCaches(db, parts.now(), stationsPerRun));
  await someAtOnce(waiting, atOnce, (stationId) =>
    clearCache(parts, tenant, stationId).catch((err: unknown) => parts.log.warn({ event: 'cache_not_cleared', err, tenant, stationId }, 'a station could not be asked to forget its cards; it comes again')));
}

async function clearCache(parts: AskingParts, tenant: string, stationId: string): Promise<void> {
  const now = parts.now();
  const revision = await inTenant(parts.pool, tenant, (db) => claimCacheClear(db, stationId, { now, until: new Date(now.getTime() + claimMs) }));
  if (revision === null) return;
  const record = await askStation(parts, { tenant, stationId, createdBy: 'card blocks', command: { action: 'clear-cache' }, timeoutMs: askMs });
  // Refused, or a message that it does not know: there is no cache to forget.
  const answered = ['accepted', 'rejected', 'failed'].includes(record.state);
  await inTenant(parts.pool, tenant, (db) => endCacheClear(db, stationId, { answered, revision, detail: record.state === 'accepted' ? null : whyNot(record), now: parts.now() }));
}
