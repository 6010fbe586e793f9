import { readFileSync } from 'node:fs';
import { manifestsOf } from '../rendered/manifests.ts';
import { keptFile } from '../rendered/render.ts';
import { edgesOf } from '../rules/network.ts';
import type { Edge } from '../rules/network.ts';
import type { Printed } from './values-files.ts';

const row = ({ from, to, port }: Edge): string => `| ${from} | ${to} | ${port} |`;

/** docs/reference/network.md: every arrow that the policies of a default installation allow. */
export function networkPage(root: string): Printed {
  const { ingress, egress } = edgesOf(manifestsOf(readFileSync(keptFile(root, 'default'), 'utf8')));
  const text = [
    '# Who may talk to whom', '', 'Printed by `npm run chart` from the NetworkPolicies of a default installation. Everything else is refused, in both directions, for every pod of the chart.',
    'Pods of sites (gateways, dashboards, trainers) have policies of their own, which the operator makes.', '',
    '## Into a component', '', '| from | to | port |', '|---|---|---|', ...ingress.map(row), '', '## Out of a component', '', '| from | to | port |', '|---|---|---|', ...egress.map(row), '',
  ].join('\n');
  return { path: 'docs/reference/network.md', text };
}
