/** What the API reads: one function a question, each inside a transaction of one tenant (inTenant), each answering in the shapes of the contracts. */
export * from './commands.ts';
export * from './commerce.ts';
export * from './configured-values.ts';
export * from './lab-proof.ts';
export * from './overview.ts';
export * from './page.ts';
export * from './security-events.ts';
export * from './sessions.ts';
export * from './sites.ts';
export * from './stations.ts';
