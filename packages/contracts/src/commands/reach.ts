import type { StoredCommand } from '../stored-command.ts';

/** Where a user reaches a command: the route of the API under /api/v1 and the verb of csmsctl. */
export interface CommandReach { route: string; verb: string }

const general = (action: StoredCommand['action']): CommandReach => ({ route: `POST /stations/:id/commands (${action})`, verb: `csmsctl station command IDENTITY ${action}` });

/** Commands that have a way of their own; every other one is asked for by its name. docs/reference/ocpp-support.md is printed from here. */
const ownWays: { readonly [A in StoredCommand['action']]?: CommandReach } = {};

export function reachOf(action: StoredCommand['action']): CommandReach {
  return ownWays[action] ?? general(action);
}
