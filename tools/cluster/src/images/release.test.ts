import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';
import { imagesOf, stagesOf } from './dockerfile.ts';

const root = join(import.meta.dirname, '../../../..');
const digest = `@sha256:${'a'.repeat(64)}`;
const version = /^version: (.+)$/m.exec(readFileSync(join(root, 'charts/csms/Chart.yaml'), 'utf8'))![1]!;
const release = (env: Record<string, string>) => spawnSync('sh', ['images/release.sh', '--dry-run'], { cwd: root, encoding: 'utf8', env: { PATH: '/usr/bin:/bin', REGISTRY: 'registry.example.com/csms', VERSION: version, NODE: `node${digest}`, RUNTIME: `run${digest}`, ...env } });

it('a release builds, scans and signs every image, and pushes and signs the chart', () => {
  const { stdout, status } = release({});
  expect(status).toBe(0);
  const names = imagesOf(stagesOf(readFileSync(join(root, 'images/Dockerfile'), 'utf8')).stages).map(({ name }) => name);
  for (const name of names) {
    for (const verb of ['docker buildx build', 'trivy image', 'cosign sign']) expect(stdout.split('\n').filter((line) => line.startsWith(`+ ${verb}`) && line.includes(`registry.example.com/csms/${name}:${version}`)), `${verb} ${name}`).toHaveLength(1);
  }
  expect(stdout).toContain(`+ helm push out/release/csms-${version}.tgz oci://registry.example.com/csms/charts`);
});

it('S-03 a release refuses bases that are not given by digest, and a version that is not the chart’s', () => {
  expect(release({ NODE: 'node:24' })).toMatchObject({ status: 1, stderr: expect.stringContaining('node:24 is not given by digest') });
  expect(release({ VERSION: '99.0.0' })).toMatchObject({ status: 1, stderr: expect.stringContaining('another version than 99.0.0') });
});

it('the workflow has the least rights and does what the script does', () => {
  const Workflow = z.object({ permissions: z.record(z.string(), z.string()), jobs: z.record(z.string(), z.object({ steps: z.array(z.object({ run: z.string().optional() })), 'timeout-minutes': z.number() })) });
  const workflow = Workflow.parse(parse(readFileSync(join(root, '.github/workflows/release.yml'), 'utf8')));
  expect(workflow.permissions).toEqual({ contents: 'read' });
  expect(workflow.jobs['release']!.steps.some(({ run }) => run?.includes('images/release.sh'))).toBe(true);
});
