import { ApplyError } from '@csms/kube';
import type { Refusal } from '@csms/kube';

/** What an error of the applier means for conditions. One that is about no object in particular is about the owner's main component. */
export function refusalsOf(error: unknown): Refusal[] {
  if (error instanceof ApplyError) return error.refusals;
  return [{ kind: '', key: '', reason: 'ApplyFailed', message: error instanceof Error ? error.message : String(error) }];
}
