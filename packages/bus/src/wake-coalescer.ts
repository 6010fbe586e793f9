/**
 * At most one wake-up a tenant every `gapMs`, the first at once and the last never lost: a busy tenant commits hundreds of batches a second,
 * and its readers page through all of them after one.
 */
export function createWakeCoalescer(gapMs: number, send: (tenantId: string) => Promise<void>): { wake(tenantId: string): Promise<void>; close(): void } {
  const waiting = new Map<string, { timer: NodeJS.Timeout; again: boolean }>();
  const open = (tenantId: string): void => {
    const timer = setTimeout(() => {
      const again = waiting.get(tenantId)?.again ?? false;
      waiting.delete(tenantId);
      if (!again) return;
      open(tenantId);
      // A wake-up that fails costs its readers one polling interval, and the caller of this one is long gone.
      send(tenantId).catch(() => undefined);
    }, gapMs);
    timer.unref();
    waiting.set(tenantId, { timer, again: false });
  };
  return {
    async wake(tenantId) {
      const entry = waiting.get(tenantId);
      if (entry) {
        entry.again = true;
        return;
      }
      open(tenantId);
      await send(tenantId);
    },
    close() {
      for (const { timer } of waiting.values()) clearTimeout(timer);
      waiting.clear();
    },
  };
}
