import { stringify } from 'yaml';
import { z } from 'zod';
import { Values, defaults } from '../values/values.ts';

/** A file that is printed: its path from the root and its whole text. */
export interface Printed { path: string; text: string }

/** One value as the README lists it. */
export interface Row { path: string; fallback: string; says: string }

type Schema = { type?: string; properties?: Record<string, Schema>; description?: string; default?: unknown; enum?: unknown[]; additionalProperties?: unknown; required?: unknown };

const header = 'Printed from tools/chart/src/values by `npm run chart`.';

/** values.schema.json: closed, and nothing required, because a user gives only what differs. */
export function valuesSchema(): Schema {
  const schema: Schema = z.toJSONSchema(Values, { io: 'input', target: 'draft-7' }) as Schema;
  // Helm sets `global` for subcharts and allows it everywhere; integers arrive without a JavaScript bound.
  return JSON.parse(JSON.stringify(schema, (key: string, value: unknown) => (isUnsafeBound(key, value) ? undefined : value))) as Schema;
}

const isUnsafeBound = (key: string, value: unknown): boolean => (key === 'maximum' || key === 'minimum') && Math.abs(Number(value)) === Number.MAX_SAFE_INTEGER;

/** Every value with its default, in the order of values.yaml. */
export function valueRows(schema: Schema = valuesSchema(), at: string[] = [], given: unknown = defaults()): Row[] {
  return Object.entries(schema.properties ?? {}).flatMap(([key, field]) => {
    const path = [...at, key];
    const value = isObject(given) ? given[key] : undefined;
    if (field.properties !== undefined) return valueRows(field, path, value);
    const words = field.enum === undefined ? '' : ` One of ${field.enum.map((each) => `\`${String(each)}\``).join(', ')}.`;
    return [{ path: path.join('.'), fallback: value === undefined ? '' : JSON.stringify(value), says: `${field.description ?? ''}${words}`.trim() }];
  });
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value);

function valuesYaml(): string {
  const lines = [`# ${header}`, '# docs/install.md says which of them a production installation sets.'];
  const walk = (schema: Schema, value: unknown, indent: string): void => {
    for (const [key, field] of Object.entries(schema.properties ?? {})) {
      const here = isObject(value) ? value[key] : undefined;
      if (field.description !== undefined) lines.push(`${indent}# ${field.description}`);
      if (field.properties !== undefined && isObject(here)) {
        lines.push(`${indent}${key}:`);
        walk(field, here, `${indent}  `);
      } else if (here !== undefined) {
        lines.push(`${indent}${stringify({ [key]: here }, { lineWidth: 0 }).trimEnd().replaceAll('\n', `\n${indent}`)}`);
      }
      if (indent === '') lines.push('');
    }
  };
  walk(valuesSchema(), defaults(), '');
  return `${lines.join('\n').trimEnd()}\n`;
}

function readme(): string {
  const cell = (text: string): string => text.replaceAll('|', '\\|');
  const table = valueRows().map(({ path, fallback, says }) => `| \`${path}\` | ${fallback === '' ? '' : `\`${cell(fallback)}\``} | ${cell(says)} |`);
  return [
    '# charts/csms', '', 'The platform: operator, API, the ChargingSite resource, and the stores, identity and monitoring that they need, each of which can be yours instead.', '',
    '```sh', 'helm install csms charts/csms --namespace csms-system --create-namespace', '```', '',
    'Installing for production, sizing, TLS, upgrades: [docs/install.md](../../docs/install.md). Running it: [docs/operating.md](../../docs/operating.md).',
    'Who may talk to whom: [docs/reference/network.md](../../docs/reference/network.md).', '', '## Values', '', `${header} The schema is closed: a value that is not here is refused.`, '',
    '| value | default | what it is |', '|---|---|---|', ...table, '',
  ].join('\n');
}

/** values.yaml, values.schema.json and README.md of the chart. */
export const valuesFiles = (): Printed[] => [
  { path: 'charts/csms/values.yaml', text: valuesYaml() },
  { path: 'charts/csms/values.schema.json', text: `${JSON.stringify(valuesSchema(), null, 1)}\n` },
  { path: 'charts/csms/README.md', text: readme() },
];
