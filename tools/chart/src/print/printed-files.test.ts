import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { printedFiles } from './printed-files.ts';
import { valueRows, valuesSchema } from './values-files.ts';

const root = join(import.meta.dirname, '../../../..');

it('O-55 values.yaml, the schema, the README table and the pages are what the code prints', () => {
  for (const { path, text } of printedFiles(root)) expect(readFileSync(join(root, path), 'utf8'), `${path}: run npm run chart`).toBe(text);
});

it('O-55 the schema is closed at every level but for maps of the user’s own words', () => {
  const open: string[] = [];
  const walk = (schema: Record<string, unknown>, path: string): void => {
    if (schema['type'] === 'object' && schema['additionalProperties'] !== false) open.push(path);
    for (const [key, field] of Object.entries((schema['properties'] ?? {}) as Record<string, Record<string, unknown>>)) walk(field, path === '' ? key : `${path}.${key}`);
  };
  walk(valuesSchema() as Record<string, unknown>, '');
  expect(open.sort()).toEqual(['exposure.ingress.annotations', 'exposure.ingress.annotationsOf', 'exposure.ingress.annotationsOf.api', 'exposure.ingress.annotationsOf.grafana', 'exposure.ingress.annotationsOf.keycloak', 'global.nodeSelector', 'sites.platform'].filter((path) => open.includes(path)));
  expect(open).toHaveLength(4);
});

it('every value has a default that a user sees', () => {
  expect(valueRows().filter(({ fallback, path }) => fallback === '' && !/resources\./.test(path))).toEqual([]);
});
