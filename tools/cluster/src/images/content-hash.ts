import { createHash } from 'node:crypto';
import { globSync, statSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { join, matchesGlob, relative } from 'node:path';
import { stagesOf, type Stage } from './dockerfile.ts';
import { images, type Image } from './image-list.ts';

/**
 * What an image is made of, as 16 hex digits: the stages of its Dockerfile that lead to it, the files that they copy (as .dockerignore lets them through), what is made on the
 * machine, and the images below. Two trees with the same digits build the same image, up to what package registries serve.
 */
export async function contentHash(image: Image): Promise<string> {
  const { args, stages } = stagesOf(await readFile(image.dockerfile, 'utf8'));
  const reached = reachedStages(stages, image.name);
  const hash = createHash('sha256').update(JSON.stringify([image.name, image.made.words, reached]));
  for (const file of await copiedFiles(image, reached)) hash.update(`\0${file}\0`).update(await readFile(join(image.source, file)));
  for (const file of image.made.files) hash.update(`\0${file}\0`).update(await readFile(file));
  const below = Object.entries(image.bases).filter(([argument]) => argument in args && reached.some((stage) => stage.base.includes(`\${${argument}}`)));
  for (const [, name] of below) hash.update(await contentHash(imageOf(name)));
  return hash.digest('hex').slice(0, 16);
}

export function imageOf(name: string): Image {
  const image = images.find((each) => each.name === name);
  if (image === undefined) throw new Error(`There is no image ${name}: ${images.map((each) => each.name).join(', ')}`);
  return image;
}

/** A stage and all that it is built from. */
export function reachedStages(stages: Stage[], target: string): Stage[] {
  const reached = new Set<string>();
  const visit = (name: string): void => {
    const stage = stages.find((each) => each.name === name);
    if (stage === undefined || reached.has(name)) return;
    reached.add(name);
    visit(stage.base);
    for (const { word, rest } of stage.instructions) if (word === 'COPY') for (const [, from] of rest.matchAll(/--from=(\S+)/g)) visit(from ?? '');
  };
  visit(target);
  return stages.filter(({ name }) => reached.has(name));
}

/** Files of the source that a build of these stages copies, sorted. What is not there is made before the build. */
async function copiedFiles(image: Image, stages: Stage[]): Promise<string[]> {
  const ignored = await ignoredNames(image.source);
  const patterns = stages.flatMap(({ instructions }) => instructions.filter(({ word, rest }) => (word === 'COPY' || word === 'ADD') && !rest.includes('--from='))
    .flatMap(({ rest }) => rest.split(/\s+/).filter((part) => !part.startsWith('--')).slice(0, -1)));
  const paths = [...new Set(patterns)].flatMap((pattern) => globSync(pattern, { cwd: image.source }));
  const files = await Promise.all(paths.map((path) => filesUnder(join(image.source, path), ignored)));
  return [...new Set(files.flat().map((file) => relative(image.source, file)))].sort();
}

async function filesUnder(path: string, ignored: (name: string) => boolean): Promise<string[]> {
  if (!statSync(path).isDirectory()) return [path];
  const entries = await readdir(path, { withFileTypes: true });
  const inside = entries.filter(({ name }) => !ignored(name)).map((entry) => (entry.isDirectory() ? filesUnder(join(path, entry.name), ignored) : Promise.resolve([join(path, entry.name)])));
  return (await Promise.all(inside)).flat();
}

/** The lines of .dockerignore that hold in every folder. */
async function ignoredNames(source: string): Promise<(name: string) => boolean> {
  const text = await readFile(join(source, '.dockerignore'), 'utf8').catch(() => '');
  const patterns = text.split('\n').filter((line) => line.startsWith('**/')).map((line) => line.slice(3));
  return (name) => patterns.some((pattern) => matchesGlob(name, pattern));
}

