import { AsyncLocalStorage } from 'node:async_hooks';

/** Where a change came from, beside who made it: the same for every audit row that one request leaves. */
export interface AuditOrigin {
  address: string | null;
  traceId: string | null;
  /** The impersonation under which staff of the platform acts as the tenant's own. */
  impersonationId: string | null;
}

const nowhere: AuditOrigin = { address: null, traceId: null, impersonationId: null };
const origins = new AsyncLocalStorage<AuditOrigin>();

/** Does `work`, and all that it starts, with this origin on its audit rows. It goes beside the call: a change may be made by a ledger that knows nothing of requests. */
export function withAuditOrigin<T>(origin: AuditOrigin, work: () => T): T {
  return origins.run(origin, work);
}

/** The origin of what runs now; nothing of all where a job of our own made the change. */
export function auditOrigin(): AuditOrigin {
  return origins.getStore() ?? nowhere;
}
