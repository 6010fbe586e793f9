import { chargingSiteCrd, chargingSiteReference, conditionsPage } from '@csms/contracts/charging-site/index';
import { stringify } from 'yaml';
import type { GeneratedFile } from './generators.ts';

const PRINTED = '# Printed from packages/contracts/src/charging-site by `npm run golden`.\n';

/** The CustomResourceDefinition, in which both versions share one text by an alias of YAML, and the reference pages of the resource. */
export function chargingSiteFiles(): GeneratedFile[] {
  return [
    { path: 'charts/csms/crds/chargingsites.yaml', text: PRINTED + stringify(chargingSiteCrd(), { lineWidth: 0 }) },
    { path: 'docs/reference/charging-site.md', text: chargingSiteReference() },
    { path: 'docs/reference/conditions.md', text: conditionsPage() },
  ];
}

/** YAML without anchors and without folded lines, so that a diff shows what changed and nothing else. */
export const yamlOf = (value: unknown): string => stringify(value, { lineWidth: 0, aliasDuplicateObjects: false });
