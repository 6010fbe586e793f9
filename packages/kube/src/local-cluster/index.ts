/*
 * The local cluster of `npm start`: the REST paths of an API server for a handful of kinds, objects in memory, each Deployment as
 * processes and each CronJob on its schedule. It knows nothing of charging, and past one machine there is Kubernetes.
 */
import { randomBytes } from 'node:crypto';
import { fileURLToPath } from 'node:url';
import { ClusterError, NOT_OFFERED } from '../client.ts';
import { scheduleFault } from '../cron-schedule.ts';
import { cronJobKind, deploymentKind, namespaceKind, secretKind, type Kind } from '../kind.ts';
import type { KubernetesObject, ObjectRef } from '../object.ts';
import { createApiServer } from './api-server.ts';
import { CronJobs } from './cron-jobs.ts';
import { Deployments } from './deployments.ts';
import type { Image, PodLine } from './launch.ts';
import { ObjectStore, type Admit } from './object-store.ts';

export type { Admit, Image, PodLine };

export interface LocalClusterOptions {
  /** Kinds beside Namespace, Secret, Deployment and CronJob. */
  kinds: Kind[];
  /** Image name (a tag is ignored where the exact name is not listed) to the command that stands for it here. */
  images: Record<string, Image>;
  /** What every process finds in its environment below its container's own; PATH and HOME should be here. */
  env: Record<string, string>;
  /** Why an object may not be stored, or undefined. */
  admit?: Admit;
  onLine?: (line: PodLine) => void;
}

export type LocalCluster = Awaited<ReturnType<typeof startLocalCluster>>;
export type LocalPod = ReturnType<LocalCluster['pods']>[number];

const STOP_GRACE_MS = 6000;
const endWithLauncher = fileURLToPath(new URL('../end-with-parent.ts', import.meta.url));

export async function startLocalCluster(options: LocalClusterOptions) {
  const kinds = [namespaceKind, secretKind, deploymentKind, cronJobKind, ...options.kinds];
  const store = new ObjectStore(kinds, (object, old) => scheduleFault(object) ?? options.admit?.(object, old));
  const host = {
    images: options.images,
    // A launcher that was killed leaves no process behind that would hold its ports.
    env: { ...options.env, NODE_OPTIONS: `${options.env['NODE_OPTIONS'] ?? ''} --import=${endWithLauncher}`.trim() },
    secret: (namespace: string, name: string) => store.get(secretKind, { namespace, name }),
    onLine: options.onLine ?? (() => undefined),
  };
  const deployments = new Deployments(store, host);
  const cronJobs = new CronJobs(store, host);
  const token = randomBytes(24).toString('hex');
  const server = createApiServer(store, token);
  await new Promise<void>((resolve, reject) => server.on('error', reject).listen(0, '127.0.0.1', resolve));
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The local cluster has no address.');
  const kindOf = ({ apiVersion, kind }: KubernetesObject): Kind => {
    const found = kinds.find((each) => each.kind === kind && each.apiVersion === apiVersion);
    if (found !== undefined) return found;
    throw new ClusterError(404, NOT_OFFERED, `The local cluster does not offer ${apiVersion} ${kind}.`);
  };
  return {
    /** For CSMS_CLUSTER_URL: the address with its token as the user part. */
    url: `http://${token}@127.0.0.1:${address.port}`,
    /** Stores objects as a person's `kubectl apply` would. Throws ClusterError with the reason, also for one that is just being deleted. */
    applyObjects(objects: KubernetesObject[]): void {
      for (const object of objects) {
        if (store.get(kindOf(object), object.metadata)?.metadata.deletionTimestamp !== undefined) throw new ClusterError(409, 'Conflict', 'it is still being deleted');
        store.apply(kindOf(object), object.metadata, object, { manager: 'csms-apply', force: true, status: false });
      }
    },
    deleteObject: (kind: Kind, ref: ObjectRef): void => void (store.get(kind, ref) && store.delete(kind, ref)),
    get: (kind: Kind, ref: ObjectRef): KubernetesObject | undefined => store.get(kind, ref),
    list: (kind: Kind, namespace?: string): KubernetesObject[] => store.list(kind, { namespace }),
    pods: () =>
      deployments.pods.map(({ plan, pid, adminPort, ready, restarts, stopping }) => ({ name: plan.name, deployment: plan.owner, pid, adminPort, ready, restarts, stopping })),
    /** Sends a signal to the pod's process; false when there is none of that name running. */
    killPod: (name: string, signal: NodeJS.Signals): boolean => deployments.pods.find((pod) => pod.plan.name === name)?.kill(signal) ?? false,
    /** Runs the CronJob now and resolves with its exit code. */
    runCronJobNow: (namespace: string, name: string): Promise<number> => cronJobs.run({ namespace, name }),
    /** SIGTERM to all, SIGKILL after a grace; resolves when every process is gone, within 8 s. */
    async stop(): Promise<void> {
      await Promise.all([deployments.stop(STOP_GRACE_MS), cronJobs.stop(STOP_GRACE_MS)]);
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
