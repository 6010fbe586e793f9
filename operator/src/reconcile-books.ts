import { BOOKS_FINALIZER, ChargingSiteError, chargingSiteKind } from '@csms/contracts/charging-site/index';
import type { ChargingSite } from '@csms/contracts/charging-site/index';
import type { SiteObserved, SiteUpsert } from '@csms/contracts/http/sites';
import { isDeepStrictEqual } from 'node:util';
import { refOf } from '@csms/kube';
import type { Outcome } from '@csms/kube';
import { BooksRefusal } from './books-client.ts';
import type { BooksClient } from './books-client.ts';
import { FIELD_MANAGER, isPaused } from './site/names.ts';
import type { Namespace } from './site/platform.ts';
import type { Books, BooksFacts } from './site/status.ts';
import { namespaceOf, readSite } from './world.ts';
import type { World } from './world.ts';

const READ_EVERY_MS = 10_000;
/** However many sites there are, the API is asked five times a second on average: at 500 sites, each is read every 100 s. */
const READ_EVERY_MS_A_SITE = 200;
const WRITE_EVERY_MS = 300_000;

/** What the API is told of a site. */
export const upsertOf = (site: ChargingSite, namespace: Namespace): SiteUpsert => ({
  tenant: namespace.tenant,
  displayName: site.spec.displayName,
  latitude: site.spec.location.latitude,
  longitude: site.spec.location.longitude,
  address: site.spec.location.address ?? null,
  timeZone: site.spec.location.timeZone,
  gridMaxPowerW: Math.round(site.spec.grid.maxPowerKw * 1000),
  heartbeatIntervalS: site.spec.ocpp.heartbeatIntervalSeconds,
  spec: site.spec,
});

/**
 * Keeps the books in step with the sites: writes a changed site at once and every site now and then, reads counts back, and holds a
 * deleted site until its sockets were closed. The API's absence is retried for ever and touches nothing else.
 * `changed` is called when what the books say of a site (by `namespace/name`) is different from before.
 */
export function booksReconciler(world: World, client: BooksClient, changed: (key: string) => void): (key: string) => Promise<Outcome> {
  const written = new Map<string, { site: SiteUpsert; atMs: number; readAtMs: number }>();

  const note = (key: string, books: Books | undefined): void => {
    if (isDeepStrictEqual(world.books.get(key), books)) return;
    if (books === undefined) world.books.delete(key);
    else world.books.set(key, books);
    changed(key);
  };

  const forget = (key: string): Outcome => {
    written.delete(key);
    note(key, undefined);
    return { kind: 'done' };
  };

  return async (key) => {
    const object = world.sites.get(key);
    if (object === undefined) return forget(key);
    if (isPaused(object)) return { kind: 'done' };
    const { namespace = '', name } = refOf(key);
    const { tenant } = namespaceOf(world, namespace);
    const deleting = object.metadata.deletionTimestamp !== undefined;
    // Held first, written then: a site that is deleted in between would stay in the books. The hold is a change of the site that comes back here.
    if (object.metadata.finalizers?.includes(BOOKS_FINALIZER) !== true) return { kind: 'done' };
    const site = readSite(object);
    if (site instanceof ChargingSiteError && !deleting) return { kind: 'terminal', reason: site.message };
    try {
      if (deleting || site instanceof ChargingSiteError) {
        await client.remove(namespace, name, tenant);
        await world.client.apply(
          chargingSiteKind,
          { apiVersion: object.apiVersion, kind: object.kind, metadata: { name, namespace } },
          { fieldManager: FIELD_MANAGER, force: true },
        );
        return forget(key);
      }
      const upsert = upsertOf(site, { name: namespace, tenant });
      const last = written.get(key);
      const nowMs = world.clock.nowMs();
      const due = last === undefined || nowMs - last.atMs >= WRITE_EVERY_MS || !isDeepStrictEqual(last.site, upsert);
      const readEveryMs = Math.max(READ_EVERY_MS, world.sites.list().length * READ_EVERY_MS_A_SITE);
      // What changed means nothing to the books, and it is not time yet.
      if (!due && nowMs - last.readAtMs < readEveryMs) return { kind: 'done', againAfterMs: readEveryMs - (nowMs - last.readAtMs) };
      const observed = due ? await client.put(namespace, name, upsert) : await client.get(namespace, name, tenant);
      written.set(key, due ? { site: upsert, atMs: nowMs, readAtMs: nowMs } : { ...last, readAtMs: nowMs });
      note(key, { state: 'written', facts: factsOf(observed) });
      return { kind: 'done', againAfterMs: readEveryMs };
    } catch (error) {
      written.delete(key);
      const message = error instanceof Error ? error.message : String(error);
      const before = world.books.get(key);
      const facts = before !== undefined && 'facts' in before && before.facts !== undefined ? { facts: before.facts } : {};
      note(key, { state: deleting ? 'cleanup' : error instanceof BooksRefusal ? 'refused' : 'unreachable', message, ...facts });
      return { kind: 'retry', reason: message };
    }
  };
}

const factsOf = ({ stations, connectedStations, training }: SiteObserved): BooksFacts => ({ stations, connectedStations, training });
