import { chargingSiteKind } from '@csms/contracts/charging-site/index';
import { cronJobKind } from '@csms/kube/kind';
import type { LocalCluster } from '@csms/kube/local-cluster/index';
import { z } from 'zod';
import { StartError } from './processes.ts';

const Status = z.object({ conditions: z.array(z.object({ type: z.string(), status: z.string(), reason: z.string().optional(), message: z.string().optional() })).default([]) }).prefault({});

/** Waits until the operator says of every site that it is Ready; throws StartError with what the conditions say. A cluster without sites is ready at once. */
export async function readySites(cluster: LocalCluster, asked: AbortSignal, limitMs = 90_000): Promise<void> {
  const until = Date.now() + limitMs;
  for (;;) {
    asked.throwIfAborted();
    const waiting = cluster.list(chargingSiteKind).flatMap((site) => {
      const { conditions } = Status.parse(site['status']);
      const ready = conditions.find((condition) => condition.type === 'Ready');
      return ready?.status === 'True' ? [] : [`${site.metadata.name} (${ready?.message ?? ready?.reason ?? 'the operator has not looked at it'})`];
    });
    if (waiting.length === 0) return;
    if (Date.now() > until) throw new StartError(`not ready within ${limitMs / 1000} s: ${waiting.join(', ')}`);
    await new Promise((done) => setTimeout(done, 100));
  }
}

/** The daily trainers: run once at a start, so that a forecast exists before the first night. */
export function trainerJobs(cluster: LocalCluster): { namespace: string; name: string }[] {
  return cluster.list(cronJobKind).filter((job) => !job.metadata.name.includes('deep')).map((job) => ({ namespace: job.metadata.namespace ?? '', name: job.metadata.name }));
}
