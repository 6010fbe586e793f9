export { createMirror, type Mirror, type MirrorBooks, type MirrorParts } from './mirror.ts';
export { mirrorUid, openPublicDatabase, type PublicDatabase } from './public-database.ts';
