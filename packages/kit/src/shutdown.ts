import type { Logger } from './log.ts';

/**
 * Runs the steps in order at the first SIGTERM or SIGINT, then exits 0; a second signal, or a step longer than `limitMs` in all, exits 1.
 * Steps that throw are logged and do not keep the later ones from running.
 */
export function onShutdown(log: Logger, limitMs: number, steps: [name: string, step: () => unknown][]): (reason: string) => Promise<never> {
  let begun: Promise<never> | null = null;
  const stop = (reason: string): Promise<never> => {
    if (begun) process.exit(1);
    begun = (async () => {
      log.info({ event: 'shutdown', reason }, 'stopping');
      const timer = setTimeout(() => { log.error({ event: 'shutdown-late' }, `not stopped within ${limitMs} ms`); process.exit(1); }, limitMs);
      timer.unref();
      for (const [name, step] of steps) {
        try { await step(); } catch (error) { log.error({ event: 'shutdown-step', step: name, err: error }, 'a step of the shutdown failed'); }
      }
      process.exit(0);
    })();
    return begun;
  };
  process.once('SIGTERM', () => void stop('SIGTERM'));
  process.once('SIGINT', () => void stop('SIGINT'));
  return stop;
}

/**
 * Runs a process's main; a refused configuration or a failed start is one sentence on stderr and exit code 1, never a stack trace.
 */
export function runMain(service: string, main: () => Promise<void>): void {
  main().catch((error: unknown) => {
    const text = error instanceof Error ? error.message : String(error);
    for (const line of text.split('\n')) process.stderr.write(`${service}: ${line}\n`);
    if (process.env['CSMS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
    process.exit(1);
  });
}
