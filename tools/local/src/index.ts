export { startPlatform, type LocalPlatform } from './platform.ts';
export { readOptions, type LocalOptions } from './options.ts';
