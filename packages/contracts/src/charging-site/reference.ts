import { chargingSiteSchema } from './crd.ts';
import type { OpenApiSchema } from './crd.ts';
import { siteRules } from './rules.ts';
import { CHARGING_SITE_GROUP, CHARGING_SITE_VERSION, CHARGING_SITE_VERSIONS } from './schema.ts';

/** The reference page of the resource in Markdown: fields with bounds and defaults, and rules. */
export function chargingSiteReference(): string {
  const schema = chargingSiteSchema();
  const fields = (name: 'spec' | 'status'): string[] => {
    const part = schema.properties?.[name];
    return part === undefined ? [] : rows(part, name);
  };
  const page = [
    '# ChargingSite',
    '',
    `\`${CHARGING_SITE_GROUP}\`, ${CHARGING_SITE_VERSIONS.join(' and ')} (the same fields; ${CHARGING_SITE_VERSION} is stored), namespaced, short name \`csite\`. This page is printed from \`packages/contracts/src/charging-site\` by \`npm run golden\`.`,
    '',
    'The tenant of a site is its namespace’s label `csms.charge-it.io/tenant`, or the namespace’s name where there is none.',
    '',
    '## Spec',
    '',
    '| field | type | default | what it is |',
    '|---|---|---|---|',
    ...fields('spec'),
    '',
    '## Rules',
    '',
    'An API server enforces these as CEL; `npm start` enforces the same ones on the files that it reads.',
    '',
    '| at | rule | CEL |',
    '|---|---|---|',
    ...siteRules.map((rule) => `| \`${rule.at.join('.') || 'the resource'}\` | ${rule.message} | \`${rule.cel.replaceAll('|', '\\|')}\` |`),
    '',
    '## Status',
    '',
    '| field | type | default | what it is |',
    '|---|---|---|---|',
    ...fields('status'),
    '',
    'Conditions, their reasons and what to do about each: [conditions.md](conditions.md).',
    '',
  ];
  return page.join('\n');
}

function rows(schema: OpenApiSchema, path: string): string[] {
  return Object.entries(schema.properties ?? {}).flatMap(([name, field]) => {
    const required = schema.required?.includes(name) === true;
    const here = `${path}.${name}`;
    const given = field.default === undefined ? (required ? 'required' : '') : `\`${JSON.stringify(field.properties === undefined ? field.default : {})}\``;
    const inner = field.type === 'array' && field.items?.properties !== undefined ? rows(field.items, `${here}[]`) : rows(field, here);
    return [`| \`${here}\` | ${typeOf(field)} | ${given} | ${field.description ?? ''} |`, ...inner];
  });
}

function typeOf(field: OpenApiSchema): string {
  if (field.enum !== undefined) return field.enum.map((value) => `\`${String(value)}\``).join(', ');
  if (field.type === 'array') return `list of ${field.items === undefined ? 'anything' : typeOf(field.items)}`;
  const low = field.minimum ?? field.minLength;
  const high = field.maximum ?? field.maxLength;
  const range = low === undefined && high === undefined ? '' : ` ${low ?? ''}..${high ?? ''}`;
  return `${field.type ?? 'any'}${range}${field.type === 'string' && range !== '' ? ' characters' : ''}`;
}
