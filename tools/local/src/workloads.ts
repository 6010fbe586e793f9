import { cronJobKind, deploymentKind } from '@csms/kube/kind';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import { StartError } from './processes.ts';

/** Waits until the operator has asked for something and every Deployment has its replicas ready. A cluster without sites is ready at once. */
export async function readyDeployments(cluster: LocalCluster, limitMs = 90_000): Promise<void> {
  const until = Date.now() + limitMs;
  for (;;) {
    const sites = cluster.list({ apiVersion: 'csms.charge-it.io/v1alpha1', kind: 'ChargingSite', plural: 'chargingsites', namespaced: true });
    if (sites.length === 0) return;
    const waiting = cluster.list(deploymentKind).filter((each) => {
      const { spec, status } = each as { spec?: { replicas?: number }; status?: { readyReplicas?: number } };
      return (status?.readyReplicas ?? 0) < (spec?.replicas ?? 1);
    });
    if (waiting.length === 0 && cluster.list(deploymentKind).length > 0) return;
    if (Date.now() > until) {
      const names = waiting.map((each) => each.metadata.name).join(', ') || 'the operator asked for nothing';
      throw new StartError(`not ready within ${limitMs / 1000} s: ${names}`);
    }
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The daily trainers: run once at a start, so that a forecast exists before the first night. */
export function trainerJobs(cluster: LocalCluster): { namespace: string; name: string }[] {
  return cluster.list(cronJobKind).filter((job) => !job.metadata.name.includes('deep')).map((job) => ({ namespace: job.metadata.namespace ?? '', name: job.metadata.name }));
}
