import { podDisruptionBudgetKind } from '@csms/kube/kind';
import type { Desired } from '@csms/kube/apply-and-prune';
import { labelsOf, selectorOf } from './names.ts';
import type { Owner } from './names.ts';

/** Of a Deployment's pods one at a time may be evicted, so that a node that is emptied moves its chargers gateway by gateway. */
export function disruptionBudget(name: string, namespace: string, component: string, owner: Owner): Desired {
  return {
    kind: podDisruptionBudgetKind,
    object: {
      apiVersion: podDisruptionBudgetKind.apiVersion,
      kind: podDisruptionBudgetKind.kind,
      metadata: { name, namespace, labels: labelsOf(component, owner) },
      spec: { maxUnavailable: 1, selector: { matchLabels: selectorOf(component, owner) }, unhealthyPodEvictionPolicy: 'AlwaysAllow' },
    },
  };
}
