import type { LocalList } from '@csms/contracts/http/local-lists';
import { compareLists, type ListDifference } from '@csms/domain/local-list/list-update';
import { wantedList } from '@csms/domain/local-list/wanted-list';
import type { TenantCards } from '@csms/store/cards/card-keys';
import { readListEntries } from '@csms/store/local-list/list-entries';
import { countCards, readCards, readLocalList, type LocalListRow } from '@csms/store/local-list/local-list-rows';
import { isoOrNull, maskUid, readConfiguredValues } from '@csms/store/read-models/index';
import type pg from 'pg';
import { wholeNumberOf } from '../configured-values.ts';
import { listKeys, longestList } from './sync-local-list.ts';

const shownDifferences = 50;

/** A station's list as it is, as it should be, and where the two differ. Within the tenant's transaction. */
export async function showLocalList(db: pg.PoolClient, stationId: string, keys: TenantCards, now: Date): Promise<LocalList> {
  const list = await readLocalList(db, stationId);
  const entries = await readListEntries(db, stationId, keys) ?? [];
  const cards = await countCards(db, now);
  const wanted = cards > longestList ? null : wantedList(await readCards(db, keys), now);
  const values = await readConfiguredValues(db, stationId, listKeys);
  const difference = wanted === null ? null : compareLists(entries, wanted.entries);
  const enabled = values.get('LocalAuthListEnabled')?.value?.trim().toLowerCase();
  return {
    stationId, state: stateOf(list, difference === null || Object.values(difference).some((each) => each.length > 0), now), detail: list?.detail ?? null,
    version: list?.version ?? 0, reportedVersion: list?.reportedVersion ?? null, reportedAt: isoOrNull(list?.reportedAt ?? null), contentKnown: list?.contentKnown ?? false,
    size: entries.length, wantedSize: wanted?.entries.length ?? cards, unfit: wanted?.unfit ?? 0,
    limits: { enabled: enabled === undefined ? null : enabled === 'true', listMax: wholeNumberOf(values, 'LocalAuthListMaxLength'), messageMax: wholeNumberOf(values, 'SendLocalListMaxLength') },
    syncedAt: isoOrNull(list?.syncedAt ?? null), triedAt: isoOrNull(list?.triedAt ?? null), retryAt: isoOrNull(list?.retryAt ?? null),
    differences: difference === null ? null : shownDifference(difference),
  };
}

function shownDifference({ missing, changed, surplus }: ListDifference): NonNullable<LocalList['differences']> {
  const first = [...missing.map((entry) => ['missing', entry] as const), ...changed.map((entry) => ['changed', entry] as const), ...surplus.map((entry) => ['surplus', entry] as const)].slice(0, shownDifferences);
  return { missing: missing.length, changed: changed.length, surplus: surplus.length, first: first.map(([difference, entry]) => ({ uidMasked: maskUid(entry.tokenUid), difference })) };
}

function stateOf(list: LocalListRow | null, differs: boolean, now: Date): LocalList['state'] {
  if (list === null) return 'never-synced';
  if (list.syncingUntil !== null && list.syncingUntil > now) return 'syncing';
  if (list.outcome === 'never') return 'failed';
  if (list.outcome !== 'in-step') return list.outcome;
  return (list.isStale && differs) || !list.contentKnown ? 'stale' : 'in-step';
}
