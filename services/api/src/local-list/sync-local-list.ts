import { planListUpdate, type ListLimits, type ListUpdate } from '@csms/domain/local-list/list-update';
import { wantedList } from '@csms/domain/local-list/wanted-list';
import { inTenant } from '@csms/store/in-tenant';
import { claimListSync, countCards, endListSync, nextListVersion, readListWork, readLocalList, type ListOutcome } from '@csms/store/local-list/local-list-rows';
import { readStation, type ConfiguredValue } from '@csms/store/read-models/index';
import type { ApiParts } from '../api-parts.ts';
import { askStation, whyNot, type AskingParts } from '../ask-station.ts';
import { configuredValues, wholeNumberOf } from '../configured-values.ts';

/** Keys of 1.6, 9.2 that say what a station can take. */
export const listKeys = ['LocalAuthListEnabled', 'LocalAuthListMaxLength', 'SendLocalListMaxLength'] as const;

/** Longer than any two questions take, and renewed with each list that is sent: a process that died holds a list no longer than this. */
const claimMs = 60_000;
const askMs = 20_000;

/** Beyond this a list is neither made nor compared: no charger holds as many, and each look would read them all. */
export const longestList = 50_000;

/** What it takes to ask a station for its list: with the keys, because a station is told whole numbers. */
export type ListParts = AskingParts & Pick<ApiParts, 'cards'>;
interface SyncRequest { tenant: string; stationId: string; createdBy: string; full: boolean }
interface End { outcome: ListOutcome; detail: string | null; revision: string | null }

/**
 * Brings the local list of a station in step with the tenant's cards (1.6, 5.15): asks for its limits and its version, sends what differs from what it
 * accepted last, and everything where that is not known or was refused. At most one at a time for each station, whatever the number of processes;
 * resolves with false, without having asked anything, where another one is at it. What came of it is in the books.
 */
export async function syncLocalList(parts: ListParts, request: SyncRequest): Promise<boolean> {
  const { tenant, stationId, full } = request;
  const begunAt = parts.now();
  const isOurs = await inTenant(parts.pool, tenant, (db) => claimListSync(db, stationId, { now: begunAt, until: new Date(begunAt.getTime() + claimMs), full }));
  if (!isOurs) return false;
  let end: End = { outcome: 'failed', detail: 'ended before its time', revision: null };
  try {
    end = await sync(parts, request);
  } finally {
    await inTenant(parts.pool, tenant, (db) => endListSync(db, stationId, { ...end, now: parts.now() }));
  }
  return true;
}

async function sync(parts: ListParts, request: SyncRequest): Promise<End> {
  const { tenant, stationId, createdBy } = request;
  const failed = (detail: string): End => ({ outcome: 'failed', detail, revision: null });
  const unsupported = (detail: string): End => ({ outcome: 'unsupported', detail, revision: null });

  const station = await inTenant(parts.pool, tenant, (db) => readStation(db, stationId));
  if (station !== null && station.ocppVersion !== null && station.ocppVersion !== 'ocpp1.6') return unsupported(`lists are kept for stations that speak OCPP 1.6, and this one speaks ${station.ocppVersion}`);

  const values = await configuredValues(parts, { tenant, stationId, keys: listKeys, createdBy, timeoutMs: askMs });
  const limits = limitsOf(values);
  if ('unsupported' in limits) return unsupported(limits.unsupported);
  if ('unknown' in limits) return failed(limits.unknown);

  const asked = await askStation(parts, { tenant, stationId, createdBy, command: { action: 'get-local-list-version' }, timeoutMs: askMs });
  if (asked.state !== 'accepted') return asked.state === 'rejected' ? unsupported(whyNot(asked)) : failed(whyNot(asked));

  const cards = await inTenant(parts.pool, tenant, (db) => countCards(db, parts.now()));
  if (cards > longestList) return failed(`${cards} cards are more than any list may have here: ${longestList}`);

  // The second round replaces everything: what was refused, or lost on the way, says that the station has another list than we thought.
  for (let round = 0; ; round += 1) {
    const work = await inTenant(parts.pool, tenant, (db) => readListWork(db, stationId, { tenantId: tenant, keys: parts.cards }));
    const plan = planListUpdate(work.known, wantedList(work.cards, parts.now()).entries, limits);
    if (plan.kind === 'too-long') return { outcome: 'too-long', detail: plan.reason, revision: work.revision };
    const refusal = await send(parts, request, plan.updates);
    if (refusal === null) return { outcome: 'in-step', detail: null, revision: work.revision };
    const list = await inTenant(parts.pool, tenant, (db) => readLocalList(db, stationId));
    if (list?.outcome === 'unsupported') return unsupported(refusal.detail);
    if (!refusal.maySendAll || round > 0 || plan.updates[0]?.updateType === 'full') return failed(refusal.detail);
  }
}

/** Null: the station accepted each. */
async function send(parts: AskingParts, request: SyncRequest, updates: readonly ListUpdate[]): Promise<{ detail: string; maySendAll: boolean } | null> {
  const { tenant, stationId, createdBy } = request;
  for (const update of updates) {
    const listVersion = await inTenant(parts.pool, tenant, (db) => nextListVersion(db, stationId, new Date(parts.now().getTime() + claimMs)));
    const record = await askStation(parts, { tenant, stationId, createdBy, command: { action: 'send-local-list', listVersion, ...update }, timeoutMs: askMs });
    if (record.state !== 'accepted') return { detail: whyNot(record), maySendAll: record.state === 'rejected' };
  }
  return null;
}

/** What the configuration allows, in words where it has no lists or does not say. */
function limitsOf(values: ReadonlyMap<string, ConfiguredValue>): ListLimits | { unsupported: string } | { unknown: string } {
  if (listKeys.every((key) => values.get(key)?.isKnown === false)) return { unsupported: 'the station knows none of the keys of local lists' };
  if (values.get('LocalAuthListEnabled')?.value?.trim().toLowerCase() === 'false') return { unsupported: 'local lists are switched off at the station (LocalAuthListEnabled)' };
  const listMax = wholeNumberOf(values, 'LocalAuthListMaxLength');
  const messageMax = wholeNumberOf(values, 'SendLocalListMaxLength');
  return listMax === null || messageMax === null ? { unknown: 'the station did not say how long a list it takes (LocalAuthListMaxLength, SendLocalListMaxLength)' } : { listMax, messageMax };
}
