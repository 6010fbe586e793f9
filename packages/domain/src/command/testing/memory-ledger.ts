import type { CommandLedger, CommandRecord, CommandState } from '../command.ts';

/** The ledger in memory, for tests; it passes the suite of the one in PostgreSQL (packages/store/test/commands.test.ts). */
export function createMemoryLedger(): CommandLedger & { fence(stationId: string, epoch: bigint): void } {
  const rows = new Map<string, CommandRecord>();
  const fences = new Map<string, bigint>();
  const keyOf = (tenantId: string, id: string): string => `${tenantId}/${id}`;
  const sameRequest = (a: CommandRecord, stationId: string, command: unknown): boolean => {
    const bare = (value: unknown): string => JSON.stringify(Object.entries({ ...(value as object), remoteStartId: 0 }).sort());
    return a.stationId === stationId && bare(a.command) === bare(command);
  };
  const follows: Record<string, CommandState[]> = {
    accepted: ['sent', 'unknown'], rejected: ['queued', 'sent', 'unknown'], failed: ['sent', 'unknown'], unknown: ['sent'], expired: ['queued'], 'not-connected': ['queued'],
  };
  return {
    /** What presence does in the books: sockets under a lower epoch get no frame. */
    fence: (stationId, epoch) => void fences.set(stationId, epoch),
    async create({ tenantId, id, stationId, command, idempotencyKey, createdAt, deadlineAt }) {
      const stored = [...rows.values()].find((row) => row.tenantId === tenantId && row.idempotencyKey === idempotencyKey);
      if (stored) return { record: { ...stored }, outcome: sameRequest(stored, stationId, command) ? 'existing' : 'conflict' };
      const record: CommandRecord = {
        tenantId, id, stationId, command, idempotencyKey, createdAt, deadlineAt, state: 'queued', sentAt: null, answeredAt: null, result: null, detail: null, lateResult: null, sessionId: null,
      };
      rows.set(keyOf(tenantId, id), record);
      return { record: { ...record }, outcome: 'created' };
    },
    async get(tenantId, id) {
      const row = rows.get(keyOf(tenantId, id));
      return row ? { ...row } : null;
    },
    async queued(tenantId, now) {
      return [...rows.values()].filter((row) => row.tenantId === tenantId && row.state === 'queued' && row.deadlineAt > now).map(({ id, stationId }) => ({ id, stationId }));
    },
    async markSent(tenantId, id, by) {
      const row = rows.get(keyOf(tenantId, id));
      if (!row || row.state !== 'queued' || row.deadlineAt <= by.at || (fences.get(row.stationId) ?? 0n) > by.epoch) return false;
      Object.assign(row, { state: 'sent', sentAt: by.at });
      return true;
    },
    async settle(tenantId, id, { state, result, detail, at }) {
      const row = rows.get(keyOf(tenantId, id));
      if (!row) return null;
      if (follows[state]!.includes(row.state)) {
        if (row.state === 'unknown') row.lateResult = result ?? null;
        Object.assign(row, { state, result: result ?? null, detail: detail ?? null, answeredAt: at });
      }
      return { ...row };
    },
  };
}
