export * from './config.ts';
export * from './log.ts';
export * from './metrics.ts';
export * from './admin-server.ts';
export * from './shutdown.ts';
export * from './ids.ts';
export * from './credential.ts';
export * from './sealed.ts';
