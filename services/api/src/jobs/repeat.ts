/**
 * Runs a job now and then every `everyMs` after it ended, never twice at once. `onError` gets what a run throws; the next run comes all the same.
 * @returns stops it, and resolves when a run in flight has ended
 */
export function repeat(options: { job: () => Promise<unknown>; everyMs: number; onError: (error: unknown) => void }): () => Promise<void> {
  let stopped = false;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let running = Promise.resolve();
  const run = (): void => {
    running = options.job().then(() => undefined, options.onError).then(() => {
      if (!stopped) timer = setTimeout(run, options.everyMs);
    });
  };
  run();
  return async () => {
    stopped = true;
    clearTimeout(timer);
    await running;
  };
}
