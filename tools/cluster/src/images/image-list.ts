import { join } from 'node:path';
import { imagesDir, pins, rootDir } from './pins.ts';

/** Debian and npm packages that everything else stands on; ours; and those that take the place of public ones. */
export const imageKinds = ['base', 'own', 'stand-in'] as const;
export type ImageKind = (typeof imageKinds)[number];

export interface Image {
  name: string;
  kind: ImageKind;
  dockerfile: string;
  /** Where COPY reads from; what is prepared on the machine is laid over it. */
  source: string;
  /** Arguments of the Dockerfile that name another image. */
  bases: Record<string, string>;
  /** What is made before the build and named by these words: versions, files whose content counts. */
  made: { words: string[]; files: string[] };
}

const none = { words: [], files: [] };
const base = (name: string, made: Image['made']): Image => ({ name, kind: 'base', dockerfile: join(imagesDir, 'bases/Dockerfile'), source: join(imagesDir, 'bases'), bases: { DEBIAN: 'debian' }, made });
const own = (name: string): Image => ({ name, kind: 'own', dockerfile: join(imagesDir, 'Dockerfile'), source: rootDir, bases: { NODE: 'node', RUNTIME: 'runtime' }, made: none });
const standIn = (name: string, made: Image['made'] = none): Image => ({
  name, kind: 'stand-in', dockerfile: join(imagesDir, 'stand-ins/Dockerfile'), source: join(imagesDir, 'stand-ins'), bases: { DEBIAN: 'debian', RUNTIME: 'runtime' }, made,
});

/** In an order in which each comes after those that it stands on. */
export const images: Image[] = [
  base('debian', { words: [pins.debian], files: [] }),
  base('node', { words: [pins.debian, pins.node, pins.npm], files: [] }),
  base('runtime', { words: [pins.debian], files: [] }),
  ...['operator', 'api', 'ocpp-gateway', 'mirror', 'ml-trainer', 'dashboard', 'edge'].map(own),
  standIn('postgres'),
  standIn('redis'),
  standIn('keycloak', { words: [pins.keycloak], files: [] }),
  standIn('prometheus'),
  standIn('logs', { words: [], files: ['go.mod', 'go.sum'].map((file) => join(imagesDir, 'stand-ins/victoria-logs', file)) }),
];

/** As a reference: fully qualified, so that nobody asks a registry for it. */
export const repositoryOf = (name: string): string => `localhost/csms-${name}`;
