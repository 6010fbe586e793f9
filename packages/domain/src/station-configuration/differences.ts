import { sameValue } from './standard-keys.ts';

/** What is known of a key at a station. `pendingValue`: taken, and in force after a reboot. */
export interface KnownValue { value: string | null; isKnown: boolean; pendingValue: string | null }

/** `unread`: nothing is known of it. `unknown-key`: the station does not have it. `reboot-required`: right after a reboot. */
export interface Difference { key: string; wanted: string; value: string | null; why: 'differs' | 'unread' | 'unknown-key' | 'reboot-required' }

/** The templates for a station as one: the tenant's, and over it, key by key, its site's. Keys compare without case. */
export function mergeTemplates(ofTenant: Readonly<Record<string, string>> | null, ofSite: Readonly<Record<string, string>> | null): Map<string, { key: string; wanted: string }> {
  const merged = new Map<string, { key: string; wanted: string }>();
  for (const template of [ofTenant, ofSite]) for (const [key, wanted] of Object.entries(template ?? {})) merged.set(key.toLowerCase(), { key, wanted });
  return merged;
}

/** Where a station is not what its template wants, by key. `known` is by the key in lower case. */
export function differencesOf(template: ReadonlyMap<string, { key: string; wanted: string }>, known: ReadonlyMap<string, KnownValue>): Difference[] {
  const found: Difference[] = [];
  for (const [lower, { key, wanted }] of template) {
    const at = known.get(lower);
    if (at === undefined) found.push({ key, wanted, value: null, why: 'unread' });
    else if (!at.isKnown) found.push({ key, wanted, value: null, why: 'unknown-key' });
    else if (at.pendingValue !== null && sameValue(key, at.pendingValue, wanted)) found.push({ key, wanted, value: at.value, why: 'reboot-required' });
    else if (at.value === null || !sameValue(key, at.value, wanted)) found.push({ key, wanted, value: at.value, why: 'differs' });
  }
  return found.sort((a, b) => (a.key < b.key ? -1 : 1));
}
