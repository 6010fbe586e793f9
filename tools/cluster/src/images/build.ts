import { cp, mkdir, readFile, readdir, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { openBuildah, type Buildah } from './buildah.ts';
import { contentHash, imageOf } from './content-hash.ts';
import { repositoryOf, type Image } from './image-list.ts';
import { ImageLayout } from './layout.ts';
import { holding } from './lock.ts';
import { withContext } from './made-contexts.ts';
import { installBuildPrograms, whyNoImages } from './why-no-images.ts';

export const BuiltImage = z.object({
  name: z.string(),
  /** With the digits of its content as the tag. */
  reference: z.string(),
  hash: z.string(),
  /** Unpacked, with the base. */
  bytes: z.number(),
  buildMs: z.number(),
  /** The bill of materials, beside the image, of those that have one. */
  sbom: z.string().optional(),
});
export type BuiltImage = z.infer<typeof BuiltImage>;

/** An image of what others made could not be built twice: of a machine without their packages, not of ours. */
export class OthersNotBuilt extends Error {
  override name = 'OthersNotBuilt';
}

/** Where everything of images is kept. */
export interface ImagePlace { folder: string; layout: ImageLayout }
export function imagePlaceOf(cacheDir: string): ImagePlace {
  const folder = join(cacheDir, 'images');
  return { folder, layout: new ImageLayout(join(folder, 'layout')) };
}

/** Unnamed layers are what makes the next build fast; beyond this many of them they go. */
const layersKept = 400;

/**
 * Builds what has changed of the named images and of what they stand on, and gives them all, in the order asked for. `say` gets a line for each that is built.
 * Throws with the last words of the program that failed. An aborted `signal` ends it before the next image; those that are built stay.
 */
export async function buildImages(names: string[], cacheDir: string, say: (line: string) => void, signal?: AbortSignal): Promise<BuiltImage[]> {
  const reason = await whyNoImages();
  if (reason !== undefined) throw new Error(reason);
  await installBuildPrograms(say);
  const place = imagePlaceOf(cacheDir);
  await mkdir(join(place.folder, 'built'), { recursive: true });
  await mkdir(join(place.folder, 'logs'), { recursive: true });
  return holding(join(place.folder, 'lock'), async () => {
    const present = await presentImages(place, names);
    if (present.length === names.length) return present;
    const buildah = await openBuildah(place.folder);
    const built: BuiltImage[] = [];
    for (const name of names) {
      signal?.throwIfAborted();
      built.push(await builtOne(imageOf(name), place, buildah, say));
    }
    await tidy(place, buildah);
    return built;
  });
}

/** The named images as they were built last, whatever the tree has become. Throws where one was never built. */
export async function imagesAsBuilt(names: string[], cacheDir: string): Promise<BuiltImage[]> {
  const present = await presentImages(imagePlaceOf(cacheDir), names, { anyTree: true });
  const absent = names.filter((name) => !present.some((each) => each.name === name));
  if (absent.length > 0) throw new Error(`never built: ${absent.join(', ')}`);
  return present;
}

/** Of the named images, those that are there with the content that the tree has now; with `anyTree`, also those of an older one. */
export async function presentImages(place: ImagePlace, names: string[], { anyTree = false } = {}): Promise<BuiltImage[]> {
  const laid = new Set((await place.layout.images()).map(({ reference }) => reference));
  const found = await Promise.all(names.map(async (name) => {
    const record = await recordOf(place, name);
    const isThere = record !== undefined && (imageOf(name).kind === 'base' || laid.has(record.reference));
    return isThere && (anyTree || record.hash === (await contentHash(imageOf(name)))) ? [record] : [];
  }));
  return found.flat();
}

async function recordOf(place: ImagePlace, name: string): Promise<BuiltImage | undefined> {
  const text = await readFile(join(place.folder, 'built', `${name}.json`), 'utf8').catch(() => undefined);
  return text === undefined ? undefined : BuiltImage.safeParse(JSON.parse(text)).data;
}

async function builtOne(image: Image, place: ImagePlace, buildah: Buildah, say: (line: string) => void): Promise<BuiltImage> {
  const [present] = await presentImages(place, [image.name]);
  const hash = await contentHash(image);
  const reference = `${repositoryOf(image.name)}:${hash}`;
  if (present !== undefined && (image.kind !== 'base' || (await inStore(buildah, reference)))) return present;

  const args: Record<string, string> = {};
  for (const [argument, name] of Object.entries(image.bases)) if (name !== image.name) args[argument] = (await builtOne(imageOf(name), place, buildah, say)).reference;
  say(`building ${image.name}`);
  const beganMs = performance.now();
  const log = join(place.folder, 'logs', `${image.name}.log`);
  const build = () => withContext(image, place.folder, join(place.folder, 'logs', `${image.name}-made.log`), (context) =>
    buildah.build({ context, dockerfile: image.dockerfile, target: image.name, tag: reference, args, log }));
  await build().catch(async (error: unknown) => {
    // Packages come over a network, which may fail for a moment.
    say(`building ${image.name} once more (${wordsOf(error)})`);
    await build().catch((again: unknown) => { throw image.kind === 'own' ? again : new OthersNotBuilt(`${image.name}, which is made of packages of others, was not built: ${wordsOf(again)}`); });
  });
  if (image.kind !== 'base') await buildah.run(['push', '--quiet', '--format', 'oci', reference, `oci:${place.layout.folder}:${reference}`], 300_000);
  const [bytes, sbom] = [await sizeInStore(buildah, reference), image.kind === 'own' ? await copySbom(image, place, buildah, reference) : undefined];
  const record: BuiltImage = { name: image.name, reference, hash, bytes, buildMs: Math.round(performance.now() - beganMs), ...(sbom === undefined ? {} : { sbom }) };
  const file = join(place.folder, 'built', `${image.name}.json`);
  await writeFile(`${file}.new`, JSON.stringify(record));
  await rename(`${file}.new`, file);
  return record;
}

const wordsOf = (error: unknown): string => (error instanceof Error ? error.message.split('\n')[0] ?? '' : String(error)).slice(0, 300);

const inStore = (buildah: Buildah, reference: string): Promise<boolean> => buildah.run(['inspect', '--type', 'image', '--format', '{{.FromImageID}}', reference]).then(() => true, () => false);

const StoredImages = z.array(z.looseObject({ names: z.array(z.string()).nullish(), size: z.string() }));

async function sizeInStore(buildah: Buildah, reference: string): Promise<number> {
  const [stored] = StoredImages.parse(JSON.parse(await buildah.run(['images', '--json', reference])));
  const [, amount = '0', unit = 'B'] = /^([\d.]+) ?([KMG]?B)$/i.exec(stored?.size ?? '') ?? [];
  return Math.round(Number(amount) * ({ B: 1, KB: 1e3, MB: 1e6, GB: 1e9 }[unit.toUpperCase()] ?? 1));
}

/** Copies /app/sbom.cdx.json out of an image. */
async function copySbom(image: Image, place: ImagePlace, buildah: Buildah, reference: string): Promise<string> {
  const container = (await buildah.run(['from', '--pull=never', reference])).trim();
  try {
    const mounted = (await buildah.run(['mount', container])).trim();
    const file = join(place.folder, 'built', `${image.name}.sbom.cdx.json`);
    await cp(join(mounted, 'app/sbom.cdx.json'), file);
    return file;
  } finally {
    await buildah.run(['rm', container]);
  }
}

/** What was built before and has another content now goes, in the store and in the layout. */
async function tidy(place: ImagePlace, buildah: Buildah): Promise<void> {
  const records = await Promise.all((await readdir(join(place.folder, 'built'))).filter((file) => file.endsWith('.json') && !file.endsWith('.sbom.cdx.json')).map((file) => recordOf(place, file.slice(0, -'.json'.length))));
  const kept = new Set(records.flatMap((record) => (record === undefined ? [] : [record.reference])));
  await place.layout.keepOnly((reference) => kept.has(reference));
  const stored = StoredImages.parse(JSON.parse(await buildah.run(['images', '--all', '--json'])));
  const old = stored.flatMap(({ names }) => names ?? []).filter((name) => name.startsWith(repositoryOf('')) && !kept.has(name));
  if (old.length > 0) await buildah.run(['rmi', '--force', ...old]);
  if (stored.length > layersKept) await buildah.run(['rmi', '--prune', '--force'], 300_000);
}
