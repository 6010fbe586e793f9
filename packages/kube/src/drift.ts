import { isRecord } from './object.ts';

/**
 * Whether `observed` has everything that `desired` states. What others added (annotations, labels, container env, defaults) is no drift;
 * lists of named items are compared by name, others item by item.
 */
export function covers(observed: unknown, desired: unknown): boolean {
  if (Array.isArray(desired)) {
    if (!Array.isArray(observed)) return false;
    const named = desired.length > 0 && desired.every((item) => isRecord(item) && typeof item['name'] === 'string');
    if (named) return desired.every((item) => observed.some((other) => isRecord(other) && isRecord(item) && other['name'] === item['name'] && covers(other, item)));
    return observed.length === desired.length && desired.every((item, index) => covers(observed[index], item));
  }
  if (isRecord(desired)) return isRecord(observed) && Object.entries(desired).every(([field, value]) => value === undefined || covers(observed[field], value));
  return observed === desired;
}
