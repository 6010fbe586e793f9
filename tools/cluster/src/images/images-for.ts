import { placeOf } from '../place.ts';
import { readState } from '../state.ts';
import { buildImages, imagePlaceOf, imagesAsBuilt, type BuiltImage } from './build.ts';
import { images } from './image-list.ts';
import { loadImages } from './load.ts';

/** All that can run in a pod. */
export const runnableImages = images.filter(({ kind }) => kind !== 'base').map(({ name }) => name);

export interface ImagesWanted {
  /** Absent: all. */
  names?: string[];
  /** As they were built last, whatever the tree has become. */
  asBuilt?: boolean;
  /** Ends the building before the next image. */
  signal?: AbortSignal | undefined;
}

/**
 * Gives the images to the cluster of that name (level node): built where they have changed, imported where they are missing. Throws where the machine
 * cannot build them; `whyNoImages` says so before.
 */
export async function imagesFor(cluster: string, cacheDir: string, say: (line: string) => void, { names = runnableImages, asBuilt = false, signal }: ImagesWanted = {}): Promise<BuiltImage[]> {
  const place = placeOf(cacheDir, cluster);
  const state = await readState(place);
  if (state?.phase !== 'ready' || state.level !== 'node') throw new Error(`The cluster ${cluster} is not up with a node: npm run cluster -- up --level node --name ${cluster}`);
  const built = asBuilt ? await imagesAsBuilt(names, cacheDir) : await buildImages(names, cacheDir, say, signal);
  const loaded = await loadImages(built, imagePlaceOf(cacheDir), place);
  if (loaded.length > 0) say(`the cluster ${cluster} has got ${loaded.join(', ')}`);
  return built;
}

/** Values of the chart that name these images by their content, over ci/local-images-values.yaml. */
export function chartValues(built: BuiltImage[]): Record<string, unknown> {
  const image = (name: string): { image: { tag: string } } | undefined => {
    const hash = built.find((each) => each.name === name)?.hash;
    return hash === undefined ? undefined : { image: { tag: hash } };
  };
  const sites = Object.fromEntries([['gateway', 'ocpp-gateway'], ['dashboard', 'dashboard'], ['trainer', 'ml-trainer'], ['mirror', 'mirror']].map(([key, name]) => [key, image(name ?? '')?.image]).filter(([, value]) => value !== undefined));
  const parts = Object.fromEntries(['operator', 'api', 'postgres', 'redis', 'keycloak', 'prometheus', 'logs'].map((name) => [name, image(name)]).filter(([, value]) => value !== undefined));
  return { ...parts, sites: { images: sites } };
}
