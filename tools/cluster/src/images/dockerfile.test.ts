import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { describe, expect, it } from 'vitest';
import { imageFaults, imagesOf, stagesOf } from './dockerfile.ts';
import type { Stage } from './dockerfile.ts';

const root = join(import.meta.dirname, '../../../..');
const { args, stages } = stagesOf(readFileSync(join(root, 'images/Dockerfile'), 'utf8'));
const images = imagesOf(stages);
const command = (stage: Stage): string => (JSON.parse(stage.instructions.find(({ word }) => word === 'CMD')!.rest) as string[]).find((word) => word.endsWith('.ts'))!;

it('S-03 every image is built on the small base, as nobody, without a shell at the end', () => {
  expect(images.map(({ name }) => name).sort()).toEqual(['api', 'dashboard', 'edge', 'mirror', 'ml-trainer', 'ocpp-gateway', 'operator']);
  expect(images.flatMap(imageFaults)).toEqual([]);
  expect(Object.values(args).filter((base) => !/:[\w.-]+$/.test(base) || base.endsWith(':latest'))).toEqual([]);
});

it('the Node of the images is the one that is pinned for everybody', () => {
  const { devDependencies } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { devDependencies: { node: string } };
  expect(args['NODE']).toMatch(new RegExp(`/node:${devDependencies.node.replaceAll('.', '\\.')}-`));
});

it.each([
  ['is not built on', (stage: Stage) => ({ ...stage, base: 'debian:12' })], ['runs as', (stage: Stage) => ({ ...stage, instructions: stage.instructions.filter(({ word }) => word !== 'USER') })],
  ['runs as', (stage: Stage) => ({ ...stage, instructions: [...stage.instructions, { word: 'USER', rest: 'root' }] })], ['needs a shell', (stage: Stage) => ({ ...stage, instructions: [...stage.instructions, { word: 'RUN', rest: 'apt-get update' }] })],
  ['exec form', (stage: Stage) => ({ ...stage, instructions: [...stage.instructions, { word: 'CMD', rest: 'node main.ts' }] })], ['whole context', (stage: Stage) => ({ ...stage, instructions: [...stage.instructions, { word: 'COPY', rest: '. .' }] })],
])('S-03 an image is refused that %s ...', (words, spoil) => {
  expect(imageFaults(spoil(images[0]!)).join()).toContain(words);
});

it('every workspace of the lock file is there when npm ci looks for it', () => {
  const { workspaces } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { workspaces: string[] };
  const folders = workspaces.flatMap((pattern) => globSync(`${pattern}/package.json`, { cwd: root }));
  const copied = stages.find(({ name }) => name === 'manifests')!.instructions.filter(({ word, rest }) => word === 'COPY' && rest.includes('/')).map(({ rest }) => rest.split(' ')[0]!).filter((path) => path.includes('/'));
  expect(copied.sort()).toEqual(folders.sort());
});

/** Files that a main loads, by static imports of ours. */
function loadedBy(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(/(?:from|import)\s*\(?\s*'([^']+\.ts|@csms\/[^']+)'/g)) {
    const target = name!.startsWith('.') ? join(dirname(file), name!) : packageFile(name!);
    loadedBy(target, seen);
  }
  return seen;
}

function packageFile(name: string): string {
  const [, room = '', ...rest] = name.split('/');
  const folder = ['packages', 'services', '.'].map((parent) => join(parent, room)).find((each) => existsSync(resolve(root, each, 'package.json')))!;
  return join(folder, 'src', rest.length === 0 ? 'index.ts' : `${rest.join('/')}.ts`);
}

describe.each(images)('image $name', (stage) => {
  it('holds every file that its main loads', () => {
    const loaded = [...loadedBy(command(stage))];
    expect(loaded.length).toBeGreaterThan(3);
    expect(loaded.filter((file) => /\.test\.tsx?$|(^|\/)(test|testdata|testing|dist)\//.test(file)), 'left out by .dockerignore').toEqual([]);
    const copied = stage.instructions.filter(({ word, rest }) => word === 'COPY' && !rest.startsWith('--from')).flatMap(({ rest }) => rest.split(' ').slice(0, -1)).map((path) => path.replace(/\/\*\.ts$/, ''));
    expect(loaded.filter((file) => !copied.some((folder) => file.startsWith(`${folder}/`))), 'not copied').toEqual([]);
  });
});
