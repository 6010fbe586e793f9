import { isDeepStrictEqual } from 'node:util';
import { ClusterError } from './client.ts';
import { isRecord } from './object.ts';

/*
 * Server-side apply, as far as one manager and foreign fields need it. What a manager applied is kept as a flat map from the path of
 * each leaf to its value; lists whose items all carry a name (containers, env) or a type (conditions) merge by that key, finalizers
 * are a set, every other list is one leaf.
 */
type Step = string | { key: string; value: string };
export type FieldSet = Map<string, unknown>;

/**
 * Applies what a manager wants to an object, in place: sets its fields, removes those it applied before and no longer wants, unless another
 * manager has them too. Returns who owns what from now on. Throws ClusterError 409 where another manager holds another value, unless forced.
 */
export function applyFields(target: object, owners: ReadonlyMap<string, FieldSet>, manager: string, wanted: unknown, force: boolean): Map<string, FieldSet> {
  const next = fieldsOf(wanted);
  const result = new Map([...owners].map(([name, fields]) => [name, new Map(fields)]));
  const before = result.get(manager) ?? new Map<string, unknown>();
  const others = [...result].filter(([name]) => name !== manager);
  for (const [path, value] of next)
    for (const [name, fields] of others) {
      if (!fields.has(path) || isDeepStrictEqual(fields.get(path), value)) continue;
      if (!force) throw new ClusterError(409, 'Conflict', `Apply failed with 1 conflict: conflict with "${name}": ${path}`);
      fields.delete(path);
    }
  for (const path of [...before.keys()].reverse()) if (!next.has(path) && !others.some(([, fields]) => fields.has(path))) removeField(target, path);
  for (const [path, value] of next) setField(target, path, value);
  return result.set(manager, next);
}

/** The leaves of a value as a map from path (JSON text of its steps) to value. */
export function fieldsOf(value: unknown, path: Step[] = [], into: FieldSet = new Map()): FieldSet {
  const key = listKeyOf(value, path);
  if (isRecord(value) && Object.keys(value).length > 0) {
    for (const [name, inner] of Object.entries(value)) if (inner !== undefined) fieldsOf(inner, [...path, name], into);
  } else if (key !== undefined && Array.isArray(value)) {
    for (const item of value) fieldsOf(item, [...path, { key, value: String(key === '' ? item : item[key]) }], into);
  } else into.set(JSON.stringify(path), value);
  return into;
}

/** The key by which a list merges: '' for a set of scalars, undefined for a list that is one leaf. */
function listKeyOf(value: unknown, path: Step[]): string | undefined {
  if (!Array.isArray(value) || value.length === 0) return undefined;
  if (path.at(-1) === 'finalizers') return '';
  const candidates = path.at(-1) === 'conditions' ? ['type'] : ['uid', 'name'];
  return candidates.find((key) => value.every((item) => isRecord(item) && typeof item[key] === 'string'));
}

/** Writes the leaf at a path into `target`, making the objects and list items on the way. */
export function setField(target: object, pathText: string, value: unknown): void {
  const path: Step[] = JSON.parse(pathText);
  let here: unknown = target;
  for (const [index, step] of path.entries()) {
    const last = index === path.length - 1;
    const next = path[index + 1];
    const empty = last ? structuredClone(value) : typeof next === 'object' ? [] : {};
    if (typeof step === 'string') {
      if (!isRecord(here)) return;
      // An empty object states that there is one, not that it has nothing.
      if (last && isRecord(value) && isRecord(here[step])) return;
      if (last || typeof here[step] !== 'object' || here[step] === null || Array.isArray(here[step]) !== Array.isArray(empty)) here[step] = empty;
      here = here[step];
    } else if (Array.isArray(here)) here = itemOf(here, step) ?? pushed(here, step.key === '' ? step.value : { [step.key]: step.value });
  }
}

/** Removes the leaf at a path and every object, list and list item that it leaves empty. */
export function removeField(target: object, pathText: string): void {
  remove(target, JSON.parse(pathText));
}

function remove(here: unknown, path: Step[]): void {
  const [step, ...rest] = path;
  if (step === undefined) return;
  const inner = typeof step === 'string' ? (isRecord(here) ? here[step] : undefined) : Array.isArray(here) ? itemOf(here, step) : undefined;
  if (rest.length > 0) remove(inner, rest);
  // The key of a list item goes last, when nothing else of the item is left.
  const keyOnly = typeof step === 'object' && isRecord(inner) && Object.keys(inner).every((name) => name === step.key);
  const emptied = rest.length === 0 || isEmpty(inner) || keyOnly;
  if (!emptied) return;
  if (typeof step === 'string' && isRecord(here)) delete here[step];
  else if (Array.isArray(here)) here.splice(here.indexOf(inner), 1);
}

const isEmpty = (value: unknown): boolean => (Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0);

const itemOf = (list: unknown[], step: { key: string; value: string }): unknown =>
  list.find((item) => (step.key === '' ? item === step.value : isRecord(item) && item[step.key] === step.value));

function pushed(list: unknown[], item: unknown): unknown {
  list.push(item);
  return item;
}
