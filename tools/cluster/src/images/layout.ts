import { readFile, readdir, rename, rm, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';

const Descriptor = z.looseObject({ digest: z.string().regex(/^sha256:[0-9a-f]{64}$/), size: z.number(), annotations: z.record(z.string(), z.string()).optional() });
const Index = z.looseObject({ manifests: z.array(Descriptor) });
const Manifest = z.looseObject({ config: Descriptor, layers: z.array(Descriptor) });
const Config = z.looseObject({ config: z.looseObject({ User: z.string().optional(), Entrypoint: z.array(z.string()).nullish(), Cmd: z.array(z.string()).nullish(), Env: z.array(z.string()).nullish() }) });
const refName = 'org.opencontainers.image.ref.name';

/** One image of an OCI layout. */
export interface LaidImage {
  reference: string;
  manifestDigest: string;
  configDigest: string;
  /** From the base up. */
  layers: { digest: string; compressedBytes: number }[];
}

/**
 * A folder of images as the OCI's image layout has it: an index, and blobs that images share. Layers of the base are there once, however many images stand on it.
 * Source: OCI image specification, image-layout.
 */
export class ImageLayout {
  readonly folder: string;
  constructor(folder: string) { this.folder = folder; }

  blob(digest: string): string { return join(this.folder, 'blobs/sha256', digest.slice('sha256:'.length)); }

  async images(): Promise<LaidImage[]> {
    const text = await readFile(join(this.folder, 'index.json'), 'utf8').catch(() => undefined);
    if (text === undefined) return [];
    const { manifests } = Index.parse(JSON.parse(text));
    return Promise.all(manifests.map(async ({ digest, annotations }) => {
      const { config, layers } = Manifest.parse(JSON.parse(await readFile(this.blob(digest), 'utf8')));
      return { reference: annotations?.[refName] ?? '', manifestDigest: digest, configDigest: config.digest, layers: layers.map((layer) => ({ digest: layer.digest, compressedBytes: layer.size })) };
    }));
  }

  /** What a container of the image is started with. */
  async configOf(image: LaidImage): Promise<z.infer<typeof Config>['config']> {
    return Config.parse(JSON.parse(await readFile(this.blob(image.configDigest), 'utf8'))).config;
  }

  /** Only these references stay, and the blobs that they need. */
  async keepOnly(references: (reference: string) => boolean): Promise<void> {
    const file = join(this.folder, 'index.json');
    const text = await readFile(file, 'utf8').catch(() => undefined);
    if (text === undefined) return;
    const index = Index.parse(JSON.parse(text));
    const manifests = index.manifests.filter(({ annotations }) => references(annotations?.[refName] ?? ''));
    await writeFile(`${file}.new`, JSON.stringify({ ...index, manifests }));
    await rename(`${file}.new`, file);
    const needed = new Set((await this.images()).flatMap((image) => blobsOf(image)));
    for (const name of await readdir(join(this.folder, 'blobs/sha256'))) if (!needed.has(`sha256:${name}`)) await rm(this.blob(`sha256:${name}`));
  }

  /** The index with these images alone, for an archive. */
  async indexOf(references: string[]): Promise<string> {
    const index = Index.parse(JSON.parse(await readFile(join(this.folder, 'index.json'), 'utf8')));
    return JSON.stringify({ ...index, manifests: index.manifests.filter(({ annotations }) => references.includes(annotations?.[refName] ?? '')) });
  }

  async sizeOf(image: LaidImage): Promise<number> {
    const sizes = await Promise.all(blobsOf(image).map(async (digest) => (await stat(this.blob(digest))).size));
    return sizes.reduce((sum, size) => sum + size, 0);
  }
}

/** Digests of all that an image consists of. */
export const blobsOf = (image: LaidImage): string[] => [image.manifestDigest, image.configDigest, ...image.layers.map(({ digest }) => digest)];
