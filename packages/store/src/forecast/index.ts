/** What the platform forecast and how it turned out, in PostgreSQL: the hourly load, the registry of models, the ledger, the runs, and their read side. */
export * from './ledger.ts';
export * from './load.ts';
export * from './queryable.ts';
export * from './read.ts';
export * from './registry.ts';
export * from './runs.ts';
