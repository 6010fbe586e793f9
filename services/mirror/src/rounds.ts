/**
 * Runs rounds one after the other: one at each nudge, and one every `everyMs` without any, but never two within `restMs`, so that a burst of changes is one
 * round. What a round throws goes to `onError`.
 * @returns nudges, and ends it when the round in flight is over
 */
export function startRounds(options: { round: () => Promise<void>; everyMs: number; restMs: number; onError: (error: unknown) => void }): { nudge(): void; stop(): Promise<void> } {
  let stopped = false;
  let nudged = true;
  let wake: (() => void) | null = null;
  const pause = (ms: number): Promise<void> => new Promise((resolve) => {
    const timer = setTimeout(resolve, ms);
    wake = () => { clearTimeout(timer); resolve(); };
  });
  const running = (async () => {
    while (!stopped) {
      nudged = false;
      await options.round().catch(options.onError);
      await pause(options.restMs);
      if (!nudged && !stopped) await pause(options.everyMs);
    }
  })();
  return {
    nudge() {
      nudged = true;
      wake?.();
    },
    async stop() {
      stopped = true;
      wake?.();
      await running;
    },
  };
}
