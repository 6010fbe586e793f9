import { pause, podKind } from '@csms/kube';
import type { Clock, ClusterClient } from '@csms/kube';
import { FIELD_MANAGER } from '../site/names.ts';
import type { ConnectionCount, ConnectionCounts } from './connection-counts.ts';

/** By this a ReplicaSet chooses whom it ends: the pod with the lowest (kubernetes.io, "Pod deletion cost"). */
const COST_ANNOTATION = 'controller.kubernetes.io/pod-deletion-cost';
const by = { fieldManager: `${FIELD_MANAGER}-cost`, force: true };
/** A change that is worth a write: more than a fifth of what was said, and more than a handful. */
const SHARE = 0.2;
const HANDFUL = 5;

/** What is to be said of a gateway, so that the one with the fewest stations is ended first; undefined where it is said well enough already. */
export function costToWrite({ pod, connections }: ConnectionCount) {
  const { name, namespace, uid, annotations } = pod.metadata;
  const said = Number(annotations?.[COST_ANNOTATION] ?? 0);
  const change = Math.abs(connections - said);
  if (change <= HANDFUL || change <= SHARE * said) return undefined;
  // With its uid: a pod that went meanwhile must not be made anew by an apply.
  return { kind: podKind, object: { apiVersion: podKind.apiVersion, kind: podKind.kind, metadata: { name, namespace, uid, annotations: { [COST_ANNOTATION]: String(connections) } } } };
}

/** Says it of the gateways of all namespaces that have sites, every so often while this process leads. Failures are told, and tried again at the next time. */
export function keepDeletionCosts(options: {
  client: Pick<ClusterClient, 'apply'>; clock: Clock; counts: ConnectionCounts; namespaces: () => Iterable<string>; leads: () => boolean; everyMs: number; onFailure: (error: unknown) => void;
}): { close(): Promise<void> } {
  const ends = new AbortController();
  const run = (async () => {
    for (;;) {
      await pause(options.clock, options.everyMs, ends.signal);
      if (ends.signal.aborted) return;
      if (!options.leads()) continue;
      for (const namespace of new Set(options.namespaces())) {
        try {
          for (const write of (await options.counts.of(namespace)).map(costToWrite)) if (write !== undefined) await options.client.apply(write.kind, write.object, by);
        } catch (error) {
          options.onFailure(error);
        }
      }
    }
  })();
  return { close: async () => (ends.abort(), run) };
}
