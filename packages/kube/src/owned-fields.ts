import { isRecord, listAt, stringAt } from './object.ts';
import type { JsonObject, KubernetesObject } from './object.ts';

/**
 * The fields of an object that a manager applied, as it would have to state them again (what client-go calls "extract"). The record is
 * `metadata.managedFields`, in the form FieldsV1 (kubernetes.io, Server-Side Apply, "Field management"). Undefined where there is none.
 */
export function ownedFields(object: KubernetesObject, manager: string): JsonObject | undefined {
  const records = listAt(object, 'metadata', 'managedFields').filter((each) => stringAt(each, 'manager') === manager && stringAt(each, 'operation') === 'Apply' && isRecord(each) && each['subresource'] === undefined);
  const fields = isRecord(records[0]) ? records[0]['fieldsV1'] : undefined;
  if (!isRecord(fields)) return undefined;
  const owned = part(object, fields);
  return isRecord(owned) ? owned : undefined;
}

function part(value: unknown, fields: JsonObject): unknown {
  const names = Object.keys(fields).filter((name) => name !== '.');
  if (names.length === 0) return value;
  if (Array.isArray(value)) return value.flatMap((item: unknown) => itemPart(item, fields, names));
  if (!isRecord(value)) return value;
  const out: JsonObject = {};
  for (const name of names) {
    const field = name.slice(2);
    const inner = fields[name];
    if (name.startsWith('f:') && field in value) out[field] = part(value[field], isRecord(inner) ? inner : {});
  }
  return out;
}

/** An item of a list that merges by key (`k:{"name":"a"}`) or is a set (`v:"a"`), as far as it is owned. */
function itemPart(item: unknown, fields: JsonObject, names: string[]): unknown[] {
  for (const name of names) {
    const wanted: unknown = name.startsWith('k:') || name.startsWith('v:') ? JSON.parse(name.slice(2)) : undefined;
    const inner = fields[name];
    if (name.startsWith('v:') && wanted === item) return [item];
    if (isRecord(wanted) && isRecord(item) && Object.entries(wanted).every(([key, value]) => item[key] === value)) return [part(item, isRecord(inner) ? inner : {})];
  }
  return [];
}
