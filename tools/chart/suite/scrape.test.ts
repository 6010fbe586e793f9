import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { configMapEntry, manifestsOf } from '../src/rendered/manifests.ts';
import { configurations, helmTemplate } from '../src/rendered/render.ts';

const root = join(import.meta.dirname, '../../..');
const folder = mkdtempSync(join(tmpdir(), 'csms-scrape-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

/** Debian's promtool knows no discovery by the API server, so those that use names are tried. */
it.each(configurations(root).filter(({ name }) => name === 'local-images'))('what ci/$name-values.yaml says about scraping is what Prometheus takes', ({ file }) => {
  writeFileSync(join(folder, 'prometheus.yml'), configMapEntry(manifestsOf(helmTemplate(root, ['--values', file])), 'csms-prometheus', 'prometheus.yml'));
  expect(execFileSync('promtool', ['check', 'config', '--syntax-only', 'prometheus.yml'], { encoding: 'utf8', cwd: folder })).toContain('SUCCESS');
});
