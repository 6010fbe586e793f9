/* For the launcher and tests: the pure builders and the shape of CSMS_PLATFORM. The process itself is main.ts. */
export { Platform } from './site/platform.ts';
export { desired } from './site/desired.ts';
export { status } from './site/status.ts';
