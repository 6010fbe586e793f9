export * from './frame.ts';
export * from './call-ledger.ts';
export * from './error-codes.ts';
export * from './actions.ts';
export * from './deviations.ts';
export * from './protocol.ts';
export * from './station-time.ts';
export type * from './messages-16.ts';
export type * from './messages-201.ts';
