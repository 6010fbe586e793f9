import { isDeepStrictEqual } from 'node:util';
import { isRecord } from './object.ts';

/** Lists that merge by the name of their items, so that others may add to them; all others are one value. */
const MERGED_BY_NAME = new Set(['containers', 'initContainers', 'env', 'volumes', 'volumeMounts', 'ports', 'imagePullSecrets', 'groups']);
/** Objects that are one value: a label that somebody adds to a selector changes what all of it means. */
const WHOLE = new Set(['selector', 'podSelector', 'namespaceSelector', 'labelSelector']);

/**
 * Whether `observed` has everything that `desired` states. What others added where they may (annotations, labels, container env, defaults) is no
 * drift; what API servers take as one value (selectors, lists without a merge key) is, whatever was added. `field`: the name of what is compared.
 */
export function covers(observed: unknown, desired: unknown, field = ''): boolean {
  if (Array.isArray(desired)) {
    if (!Array.isArray(observed)) return false;
    const named = MERGED_BY_NAME.has(field) && desired.length > 0 && desired.every((item) => isRecord(item) && typeof item['name'] === 'string');
    if (named) return desired.every((item) => observed.some((other) => isRecord(other) && isRecord(item) && other['name'] === item['name'] && covers(other, item)));
    return observed.length === desired.length && desired.every((item, index) => covers(observed[index], item));
  }
  if (isRecord(desired)) {
    if (!isRecord(observed)) return false;
    if (WHOLE.has(field)) return isDeepStrictEqual(observed, desired);
    return Object.entries(desired).every(([name, value]) => value === undefined || covers(observed[name], value, name));
  }
  return observed === desired;
}
