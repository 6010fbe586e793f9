import type { Actor } from '@csms/store/register';
import type { Principal } from './access/principal.ts';
import type { ApiParts } from './api-parts.ts';

/** Who an audit row names: the token's subject, and the name it carries. */
export function actorOf(principal: Principal, now: Date): Actor {
  return { name: principal.name === null || principal.name === principal.subject ? principal.subject : `${principal.name} (${principal.subject})`, now };
}

/** Wakes the readers of a tenant's outbox after a commit. Nobody waits for it: a lost wake-up costs a second, never an event. */
export function announce(parts: Pick<ApiParts, 'bus' | 'log'>, tenant: string): void {
  parts.bus.wake(tenant).catch((err: unknown) => parts.log.debug({ event: 'wake_failed', err }, 'the readers of the outbox were not woken'));
}
