/**
 * Reads fields out of JSON that came over the wire or from the disk. The wire is validated against the OCPP schemas
 * before (ocpp-rpc in strict mode); these give the types without a cast, and say which field is wrong.
 */
export type Json = { readonly [name: string]: unknown };

export class FieldError extends Error {
  override readonly name = 'FieldError';
}

/** @throws FieldError when the value is no JSON object */
export function object(value: unknown, what = 'value'): Json {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw new FieldError(`${what} is not an object`);
  return { ...value };
}

/** Parses one line of JSON that must be an object. @throws FieldError or SyntaxError */
export function parseObject(line: string): Json {
  return object(JSON.parse(line), 'line');
}

export function text(json: Json, name: string): string {
  const value = json[name];
  if (typeof value !== 'string') throw new FieldError(`${name} is not text`);
  return value;
}

export function optionalText(json: Json, name: string): string | undefined {
  return json[name] === undefined || json[name] === null ? undefined : text(json, name);
}

export function number(json: Json, name: string): number {
  const value = json[name];
  if (typeof value !== 'number' || !Number.isFinite(value)) throw new FieldError(`${name} is not a number`);
  return value;
}

export function optionalNumber(json: Json, name: string): number | undefined {
  return json[name] === undefined || json[name] === null ? undefined : number(json, name);
}

export function boolean(json: Json, name: string): boolean {
  const value = json[name];
  if (typeof value !== 'boolean') throw new FieldError(`${name} is not true or false`);
  return value;
}

export function optionalObject(json: Json, name: string): Json | undefined {
  return json[name] === undefined || json[name] === null ? undefined : object(json[name], name);
}

export function list(json: Json, name: string): unknown[] {
  const value = json[name];
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new FieldError(`${name} is not a list`);
  return value;
}

/** The value if it is one of `allowed`. @throws FieldError */
export function oneOf<T extends string>(json: Json, name: string, allowed: readonly T[]): T {
  const value = text(json, name);
  const found = allowed.find((candidate) => candidate === value);
  if (found === undefined) throw new FieldError(`${name} is ${value}, not one of ${allowed.join(', ')}`);
  return found;
}
