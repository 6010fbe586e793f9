export { startCommandInbox, type CommandInbox, type CommandInboxParts } from './command-inbox.ts';
export { startSweeping } from './sweeping.ts';
