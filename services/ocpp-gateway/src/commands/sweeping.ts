/**
 * Runs `sweep` (createLeftBehindSweep) again and again, `everyMs` after the last one ended, until the returned function is called. A sweep that fails is
 * logged and tried again: the books may be away.
 */
export function startSweeping(parts: { sweep: (now: Date) => Promise<void>; everyMs: number; now: () => Date; onError: (error: unknown) => void }): () => void {
  let timer: NodeJS.Timeout | undefined;
  let stopped = false;
  const next = (): void => {
    if (stopped) return;
    timer = setTimeout(() => void parts.sweep(parts.now()).catch(parts.onError).finally(next), parts.everyMs);
    timer.unref();
  };
  next();
  return () => {
    stopped = true;
    clearTimeout(timer);
  };
}
