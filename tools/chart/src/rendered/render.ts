import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

const chart = (root: string): string => join(root, 'charts/csms');

/** The configurations of charts/csms/ci by name. */
export function configurations(root: string): { name: string; file: string }[] {
  const folder = join(chart(root), 'ci');
  return readdirSync(folder).filter((file) => file.endsWith('-values.yaml')).sort().map((file) => ({ name: file.slice(0, -'-values.yaml'.length), file: join(folder, file) }));
}

/** What `helm template` makes of the chart as release csms in namespace csms-system. Throws helm's own words. */
export function helmTemplate(root: string, args: string[]): string {
  return execFileSync('helm', ['template', 'csms', chart(root), '--namespace', 'csms-system', ...args], { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024, stdio: ['ignore', 'pipe', 'pipe'] });
}

/** Those whose rendered objects are kept in tools/chart/testdata, so that a change of a template shows in a review and rules hold without helm. */
export const kept = ['default', 'external-everything', 'vps-k3s'];

export const keptFile = (root: string, name: string): string => join(root, 'tools/chart/testdata', `${name}.yaml`);
