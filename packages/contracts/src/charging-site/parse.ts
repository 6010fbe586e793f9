import type { z } from 'zod';
import { siteRules } from './rules.ts';
import type { Sample } from './rules.ts';
import { ChargingSite } from './schema.ts';

/** A ChargingSite that cannot be used. The message is one sentence that begins with the path of the wrong field. */
export class ChargingSiteError extends Error {
  readonly path: (string | number)[];
  readonly reason: string;

  constructor(path: (string | number)[], reason: string) {
    super(`${path.length === 0 ? 'The ChargingSite' : path.join('.')} ${reason}.`);
    this.name = 'ChargingSiteError';
    this.path = path;
    this.reason = reason;
  }
}

export interface ParseOptions {
  /** What the site was, for rules about updates. */
  old?: ChargingSite | undefined;
  /** `ignore` reads what a newer version wrote; a file that a person wrote is read with `refuse` (the default). */
  unknownFields?: 'refuse' | 'ignore';
}

/**
 * Reads a ChargingSite from a parsed YAML document or an API object: all defaults filled in, all rules held.
 * Throws ChargingSiteError for the first thing that is wrong.
 */
export function parseChargingSite(value: unknown, options: ParseOptions = {}): ChargingSite {
  let result = ChargingSite.safeParse(value);
  if (!result.success && options.unknownFields === 'ignore') result = ChargingSite.safeParse(withoutUnknown(value, result.error.issues));
  if (!result.success) {
    const issue = result.error.issues[0];
    throw issue === undefined ? new ChargingSiteError([], 'cannot be read') : errorOf(issue, value);
  }
  const site = result.data;
  const sample: Sample = { name: site.metadata.name, spec: site.spec };
  const old = options.old && { name: options.old.metadata.name, spec: options.old.spec };
  for (const rule of siteRules) if (!rule.holds(sample, old)) throw new ChargingSiteError(rule.at, rule.message);
  try {
    new Intl.DateTimeFormat('en', { timeZone: site.spec.location.timeZone });
  } catch {
    throw new ChargingSiteError(['spec', 'location', 'timeZone'], `must be an IANA name such as Asia/Jakarta, but is "${site.spec.location.timeZone}"`);
  }
  return site;
}

/**
 * What is wrong with a ChargingSite that is about to be stored, or undefined: for an admission hook or a folder of files. `old` is what is
 * stored now; where that is no valid site, only the rules about one object hold.
 */
export function checkChargingSite(value: unknown, old: unknown): ChargingSiteError | undefined {
  try {
    parseChargingSite(value, { old: old === undefined ? undefined : validOrUndefined(old) });
    return undefined;
  } catch (error) {
    if (error instanceof ChargingSiteError) return error;
    throw error;
  }
}

function validOrUndefined(value: unknown): ChargingSite | undefined {
  try {
    return parseChargingSite(value, { unknownFields: 'ignore' });
  } catch {
    return undefined;
  }
}

function errorOf(issue: z.core.$ZodIssue, root: unknown): ChargingSiteError {
  const path = issue.path.map((step) => (typeof step === 'number' ? step : String(step)));
  const found = valueAt(root, path);
  const but = found === undefined ? '' : `, but is ${shown(found)}`;
  if (issue.code === 'unrecognized_keys') return new ChargingSiteError([...path, issue.keys[0] ?? ''], 'is not a field of a ChargingSite');
  if (issue.code === 'invalid_type' && found === undefined) return new ChargingSiteError(path, 'is required');
  if (issue.code === 'invalid_type') return new ChargingSiteError(path, `must be ${article(issue.expected === 'int' ? 'whole number' : issue.expected)}${but}`);
  if (issue.code === 'invalid_value') return new ChargingSiteError(path, `must be ${issue.values.map((each) => JSON.stringify(each)).join(' or ')}${but}`);
  if (issue.code === 'too_big') return new ChargingSiteError(path, `must be at most ${issue.maximum}${unitOf(issue.origin)}${but}`);
  if (issue.code === 'too_small') return new ChargingSiteError(path, `must be at least ${issue.minimum}${unitOf(issue.origin)}${but}`);
  return new ChargingSiteError(path, `is not right (${issue.message})${but}`);
}

const unitOf = (origin: string): string => (origin === 'string' ? ' characters long' : origin === 'array' ? ' entries long' : '');
const article = (noun: string): string => `${/^[aeiou]/.test(noun) ? 'an' : 'a'} ${noun}`;
const shown = (value: unknown): string => {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 80 ? `${text.slice(0, 77)}…` : text;
};

function valueAt(root: unknown, path: (string | number)[]): unknown {
  let here = root;
  for (const step of path) here = typeof here === 'object' && here !== null ? Reflect.get(here, step) : undefined;
  return here;
}

function withoutUnknown(value: unknown, issues: z.core.$ZodIssue[]): unknown {
  const copy: unknown = structuredClone(value);
  for (const issue of issues) {
    if (issue.code !== 'unrecognized_keys') continue;
    const holder = valueAt(copy, issue.path.map((step) => (typeof step === 'number' ? step : String(step))));
    if (typeof holder === 'object' && holder !== null) for (const key of issue.keys) Reflect.deleteProperty(holder, key);
  }
  return copy;
}
