/** One condition of a status, as Kubernetes' KEP-1623 has it. */
export interface Condition<Reason extends string = string> {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: Reason;
  message: string;
  lastTransitionTime: string;
  observedGeneration: number;
}

/** A condition as a builder states it, before it is dated. */
export type Finding<Reason extends string = string> = Pick<Condition<Reason>, 'type' | 'status' | 'reason' | 'message'>;

/**
 * Dates the findings: `lastTransitionTime` moves only when a condition's status flips, a new reason or message leaves it (O-08).
 * The result has the order of the findings; conditions that no finding names are dropped.
 */
export function datedConditions<Reason extends string>(before: readonly Condition[], findings: readonly Finding<Reason>[], generation: number, now: string): Condition<Reason>[] {
  return findings.map((finding) => {
    const old = before.find((condition) => condition.type === finding.type);
    const lastTransitionTime = old !== undefined && old.status === finding.status ? old.lastTransitionTime : now;
    return { ...finding, lastTransitionTime, observedGeneration: generation };
  });
}
