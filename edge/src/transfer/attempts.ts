import { UnsupportedLocation } from './http-transfer.ts';

export interface AttemptRule {
  /** How many more times to try after a failure. */
  retries: number;
  retryIntervalMs: number;
  wait: (ms: number) => Promise<void>;
  isCancelled: () => boolean;
}

/** Tries until it works, the tries are used up, or it is cancelled. @throws the last failure */
export async function withRetries<T>(rule: AttemptRule, attempt: () => Promise<T>): Promise<T> {
  for (let triesLeft = rule.retries; ; triesLeft -= 1) {
    try {
      return await attempt();
    } catch (error) {
      if (triesLeft <= 0 || rule.isCancelled() || error instanceof UnsupportedLocation) throw error;
    }
    await rule.wait(rule.retryIntervalMs);
  }
}
