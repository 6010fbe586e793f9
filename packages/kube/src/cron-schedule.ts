import { Cron } from 'croner';
import { cronJobKind } from './kind.ts';
import { stringAt } from './object.ts';
import type { KubernetesObject } from './object.ts';

/** Why a CronJob's schedule or time zone cannot be used, or undefined; an API server refuses the same ones. Other kinds have none. */
export function scheduleFault(object: KubernetesObject): string | undefined {
  if (object.kind !== cronJobKind.kind) return undefined;
  const schedule = stringAt(object, 'spec', 'schedule') ?? '';
  const timezone = stringAt(object, 'spec', 'timeZone') ?? 'UTC';
  try {
    const cron = new Cron(schedule, { timezone, paused: true });
    return cron.nextRun() === null ? `spec.schedule "${schedule}" never comes` : undefined;
  } catch {
    return `spec.schedule "${schedule}" or spec.timeZone "${timezone}" cannot be read`;
  }
}
