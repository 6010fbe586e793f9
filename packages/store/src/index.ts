export { openBooks, type Books, type BooksOptions } from './books/open-books.ts';
export { openCommandLedger } from './commands/command-ledger.ts';
export { openLeftBehindBooks } from './commands/left-behind.ts';
export { inTenant } from './in-tenant.ts';
export * from './outbox.ts';
export * from './register.ts';
export * from './maintenance.ts';
export { openPool } from './open-pool.ts';
