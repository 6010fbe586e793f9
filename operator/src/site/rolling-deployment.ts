import type { Desired } from '@csms/kube/apply-and-prune';
import { deploymentKind } from '@csms/kube/kind';

export interface RollingDeployment {
  name: string;
  namespace: string;
  labels: Record<string, string>;
  annotations?: Record<string, string>;
  /** The labels by which it knows its pods. */
  selector: Record<string, string>;
  /** Absent: somebody else counts (an autoscaler). */
  replicas?: number;
  minReadySeconds?: number;
  template: Record<string, unknown>;
}

/** A Deployment that is replaced pod by pod: the next one is there before the last one goes. */
export function rollingDeployment({ name, namespace, labels, annotations, selector, replicas, minReadySeconds, template }: RollingDeployment): Desired {
  return {
    kind: deploymentKind,
    object: {
      apiVersion: deploymentKind.apiVersion,
      kind: deploymentKind.kind,
      metadata: { name, namespace, labels, ...(annotations === undefined ? {} : { annotations }) },
      spec: {
        ...(replicas === undefined ? {} : { replicas }),
        ...(minReadySeconds === undefined ? {} : { minReadySeconds }),
        revisionHistoryLimit: 3,
        selector: { matchLabels: selector },
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } },
        template,
      },
    },
  };
}
