import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { parseChargingSite } from '@csms/contracts/charging-site/index';
import { clusterRules, leaderRules, platformNamespaceRules, watchedNamespaceRules } from '@csms/operator/rules';
import { desired } from '@csms/operator/site/desired';
import { offersAll, offersEssentials } from '@csms/operator/site/kinds';
import { Platform } from '@csms/operator/site/platform';
import { parse } from 'yaml';
import { z } from 'zod';
import { yamlOf } from './charging-site.ts';
import type { GeneratedFile } from './generators.ts';

const FOLDER = 'operator/testdata';

/** For each `<name>.site.yaml` the objects that follow from it alone (`<name>.objects.yaml`), under the platform of `platform.yaml`. */
export function operatorFiles(root: string): GeneratedFile[] {
  const read = (name: string): unknown => parse(readFileSync(join(root, FOLDER, name), 'utf8'));
  const names = readdirSync(join(root, FOLDER)).filter((name) => name.endsWith('.site.yaml')).sort();
  const goldens = names.map((name) => {
    const site = parseChargingSite(read(name));
    const lab = name.startsWith('lab-');
    const platform = Platform.parse(read(lab ? 'platform-lab.yaml' : name.startsWith('routed') ? 'platform-routed.yaml' : 'platform.yaml'));
    const objects = desired(site, { name: site.metadata.namespace, tenant: 'pln' }, platform, lab ? offersEssentials : offersAll);
    return { path: `${FOLDER}/${name.replace('.site.yaml', '.objects.yaml')}`, text: objects.map(({ object }) => yamlOf(object)).join('---\n') };
  });
  const rights = { cluster: clusterRules(Platform.parse(read('platform.yaml'))), clusterWithTenantAccess: clusterRules(Platform.parse(read('platform-routed.yaml'))), platformNamespace: leaderRules(), watchedNamespace: watchedNamespaceRules(Platform.parse(read('platform.yaml'))), platformNamespaceWhereSomeAreWatched: platformNamespaceRules(Platform.parse(read('platform.yaml'))) };
  return [...goldens, { path: `${FOLDER}/rules.yaml`, text: yamlOf(rights) }, { path: 'docs/reference/operator-settings.md', text: settingsPage() }];
}

/** The page of CSMS_PLATFORM, from its schema. */
function settingsPage(): string {
  return [
    '# Settings of the operator',
    '',
    'Printed by `npm run golden`. `CSMS_PLATFORM` is one JSON object: what every site gets. The other variables are in `operator/src/settings.ts`.',
    '',
    '| field | type | default | what it is |',
    '|---|---|---|---|',
    ...rows(z.toJSONSchema(Platform, { io: 'input' }), ''),
    '',
  ].join('\n');
}

function rows(schema: unknown, path: string): string[] {
  const { properties = {}, required = [] } = Part.parse(schema);
  return Object.entries(properties).flatMap(([name, inner]) => {
    const field = Part.parse(inner);
    const here = path === '' ? name : `${path}.${name}`;
    const given = field.default === undefined ? (required.includes(name) ? 'required' : '') : `\`${JSON.stringify(field.default)}\``;
    const type = field.enum === undefined ? (field.type ?? 'any') : field.enum.map((value) => `\`${value}\``).join(', ');
    return [`| \`${here}\` | ${type} | ${given} | ${field.description ?? ''} |`, ...rows(field, here)];
  });
}

const Part = z.looseObject({
  type: z.string().optional(),
  description: z.string().optional(),
  default: z.unknown().optional(),
  enum: z.array(z.string()).optional(),
  required: z.array(z.string()).optional(),
  properties: z.record(z.string(), z.unknown()).optional(),
});
