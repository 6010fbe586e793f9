import { access } from 'node:fs/promises';
import { runCommand, tryCommand } from './run-command.ts';
import { addresses, type Place } from './place.ts';

export const netnsFile = (place: Place): string => `/run/netns/${place.id}`;

/**
 * A network namespace without a way out. There is no dummy interface in every kernel and 127.0.0.1 is no legal endpoint, so the node's
 * address sits on a bridge without ports. Services are translated after routing, so their range needs a route.
 */
export async function makeNamespace(place: Place): Promise<void> {
  const inside = (...args: string[]): Promise<string> => runCommand('ip', ['netns', 'exec', place.id, ...args]);
  await runCommand('ip', ['netns', 'add', place.id]);
  await inside('ip', 'link', 'set', 'lo', 'up');
  await inside('ip', 'link', 'add', 'csms0', 'type', 'bridge');
  await inside('ip', 'addr', 'add', `${addresses.node}/32`, 'dev', 'csms0');
  await inside('ip', 'link', 'set', 'csms0', 'up');
  for (const range of [addresses.serviceRange, addresses.balancerRange]) await inside('ip', 'route', 'add', range, 'dev', 'csms0');
  await inside('sysctl', '-q', '-w', 'net.ipv4.ip_forward=1');
}

/** All of the network goes with it: links, addresses, routes, rules. */
export async function removeNamespace(place: Place): Promise<void> {
  if (await access(netnsFile(place)).then(() => true, () => false)) await tryCommand('ip', ['netns', 'del', place.id]);
}
