import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

export const rootDir = join(import.meta.dirname, '../../../..');
export const imagesDir = join(rootDir, 'images');
const Manifest = z.object({ devDependencies: z.object({ node: z.string() }) });

/** The versions that images are made of; each has one place. */
export const pins = {
  debian: 'bookworm',
  /** That of package.json, which tests run on as well. */
  node: Manifest.parse(JSON.parse(readFileSync(join(rootDir, 'package.json'), 'utf8'))).devDependencies.node,
  npm: '11.19.1',
  keycloak: '26.7.3',
} as const;
