import { claimCacheClear, endCacheClear, staleCaches } from '@csms/store/cards/card-cache';
import { inTenant } from '@csms/store/in-tenant';
import { askStation, whyNot, type AskingParts } from '../ask-station.ts';

/** Stations of one tenant in one run, and how many at once: a block must not make a storm of a large fleet, and must not wait for one slow station. */
const stationsPerRun = 200;
const atOnce = 8;
const askMs = 20_000;
const claimMs = 60_000;

/** Looks for each tenant by itself: stations of one that are slow to answer hold up no other. Call `look` every second. */
export function createCacheKeeper(parts: AskingParts): { look(): Promise<void> } {
  const busy = new Set<string>();
  return {
    async look() {
      const { rows: tenants } = await parts.pool.query<{ id: string }>('SELECT id FROM tenant ORDER BY id');
      for (const { id: tenant } of tenants.filter(({ id }) => !busy.has(id))) {
        busy.add(tenant);
        clearCaches(parts, tenant)
          .catch((err: unknown) => parts.log.warn({ event: 'caches_failed', err, tenant }, 'the card caches of a tenant\'s stations could not be looked at; they come again'))
          .finally(() => busy.delete(tenant));
      }
    },
  };
}

/**
 * Asks the stations of a tenant that were not asked since the last block to forget the cards that they have cached (1.6, 5.4; 2.0.1, C11). A station that is
 * away is asked when it comes again. Two processes share the work.
 */
export async function clearCaches(parts: AskingParts, tenant: string): Promise<void> {
  const waiting = await inTenant(parts.pool, tenant, (db) => staleCaches(db, parts.now(), stationsPerRun));
  const worker = async (): Promise<void> => {
    for (let stationId = waiting.shift(); stationId !== undefined; stationId = waiting.shift()) {
      await clearCache(parts, tenant, stationId).catch((err: unknown) => parts.log.warn({ event: 'cache_not_cleared', err, tenant, stationId }, 'a station could not be asked to forget its cards; it comes again'));
    }
  };
  await Promise.all(Array.from({ length: atOnce }, worker));
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
