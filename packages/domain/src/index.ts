export type * from './station/station.ts';
export type * from './meter/reading.ts';
export type * from './session/session.ts';
export type * from './authorization/token.ts';
export type * from './tariff/tariff.ts';
export type * from './command/command.ts';
export type * from './command/bus.ts';
