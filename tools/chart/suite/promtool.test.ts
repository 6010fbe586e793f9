import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { stringify } from 'yaml';
import { alerts } from '../src/alerts/alerts.ts';
import { rules, unitTests } from '../src/print/alert-files.ts';

const folder = mkdtempSync(join(tmpdir(), 'csms-alerts-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** promtool compares all annotations, which the histories say nothing of: it is given the rules without them. */
function withoutAnnotations(): string {
  return stringify({ groups: rules().groups.map(({ name, rules: of }) => ({ name, rules: of.map(({ alert, expr, for: held, labels }) => ({ alert, expr, for: held, labels })) })) }, { lineWidth: 0 });
}

const promtool = (...args: string[]): string => execFileSync('promtool', args, { encoding: 'utf8', cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] });

it('O-46 the rules are what Prometheus takes', () => {
  writeFileSync(join(folder, 'alerts.yaml'), stringify(rules(), { lineWidth: 0 }));
  expect(promtool('check', 'rules', 'alerts.yaml')).toContain(`${alerts.length} rules found`);
});

it('O-46 every alert fires under one history and stays silent under another', () => {
  writeFileSync(join(folder, 'rules.yaml'), withoutAnnotations());
  writeFileSync(join(folder, 'tests.yaml'), unitTests('rules.yaml'));
  expect(promtool('test', 'rules', 'tests.yaml')).toContain('SUCCESS');
});
