import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { manifestsOf, podsOf } from '../src/rendered/manifests.ts';
import { masked } from '../src/rendered/masked.ts';
import { configurations, helmTemplate, kept, keptFile } from '../src/rendered/render.ts';
import { chartFaults } from '../src/rules/chart-faults.ts';
import { operatorRights } from '../src/rules/operator-platform.ts';

const root = join(import.meta.dirname, '../../..');
const all = configurations(root);

it('O-55 helm lint --strict has nothing to say', () => {
  expect(execFileSync('helm', ['lint', '--strict', join(root, 'charts/csms')], { encoding: 'utf8' })).toContain('0 chart(s) failed');
  expect(all.length).toBeGreaterThanOrEqual(12);
});

describe.each(all)('ci/$name-values.yaml', ({ file }) => {
  const text = helmTemplate(root, ['--values', file]);
  it('K-01 K-02 K-03 renders objects that hold the rules', () => {
    expect(chartFaults(manifestsOf(text))).toEqual([]);
    const { given, needed } = operatorRights(manifestsOf(text));
    expect(given).toEqual(needed);
  });
});

it.each(all.filter(({ name }) => kept.includes(name)))('O-56 ci/$name-values.yaml renders what is kept in testdata', ({ name, file }) => {
  expect(masked(helmTemplate(root, ['--values', file])), 'npm run chart prints it anew').toBe(readFileSync(keptFile(root, name), 'utf8'));
});

it('K-01 extreme values change nothing about the rules', () => {
  const text = helmTemplate(root, ['--set', 'api.replicas=20,operator.replicas=5,operator.workers=64,sites.ocppPort=1,postgres.connectionsMax=5000,global.priorityClassName=x,global.imagePullSecrets={a,b}', '--set-json', `hosts={"api":"${'a.'.repeat(100)}example.com"}`]);
  expect(chartFaults(manifestsOf(text))).toEqual([]);
});

it.each([
  ['an unknown value', ['--set', 'api.replicaCount=2'], 'additional properties'], ['a wrong type', ['--set-string', 'api.replicas=two'], 'api/replicas'], ['the tag latest', ['--set', 'api.image.tag=latest'], 'tag'],
  ['a word that is none', ['--set', 'exposure.kind=nodeport'], 'exposure/kind'], ['no database at all', ['--set', 'postgres.enabled=false'], 'postgres.external.existingSecret'],
  ['no issuer', ['--set', 'keycloak.enabled=false,keycloak.external.dashboardSecret=a,keycloak.external.operatorSecret=b'], 'keycloak.external.issuer'],
])('O-55 %s is refused with the name of the value', (_what, args, words) => {
  expect(() => helmTemplate(root, args)).toThrow(words);
});

it('O-60 a digest wins over a tag, and a registry of one’s own over all', () => {
  const digest = `sha256:${'a'.repeat(64)}`;
  const images = podsOf(manifestsOf(helmTemplate(root, ['--set', `global.imageRegistry=mirror.example.com,api.image.digest=${digest},api.image.tag=v1`]))).flatMap(({ spec }) => [...spec.containers, ...spec.initContainers].map(({ image }) => image));
  expect(images.filter((image) => !image.startsWith('mirror.example.com/'))).toEqual([]);
  expect(images).toContain(`mirror.example.com/charge-it/csms/api@${digest}`);
});
