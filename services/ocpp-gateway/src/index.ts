export { createStationServer, type StationServer, type StationServerOptions } from './sockets/station-server.ts';
export type { CallOptions, CallOutcome, CloseReason, LiveSession, SessionHooks, SessionRegistry } from './sockets/session-registry.ts';
export { readAnswer, translateCommand } from './profiles/outgoing.ts';
