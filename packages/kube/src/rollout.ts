/** What a rollout needs to know of a pod; `hash` says from which template it was made. */
export interface RollingPod {
  hash: string;
  ready: boolean;
}

/**
 * The next step of a rolling update with maxSurge 1 and maxUnavailable 0: which pods end now and how many start now. `pods` are those
 * that are not ending already, oldest first. An old pod that serves ends only when more are ready than `replicas` asks for; a pod that
 * serves nobody goes before one that does, and the youngest before the oldest.
 */
export function nextStep<P extends RollingPod>(replicas: number, hash: string, pods: readonly P[]): { end: P[]; start: number } {
  const fresh = pods.filter((pod) => pod.hash === hash);
  const old = pods.filter((pod) => pod.hash !== hash);
  const idleFirst = (some: P[]): P[] => [...some.filter((pod) => !pod.ready), ...some.filter((pod) => pod.ready).reverse()];
  const spare = Math.max(0, pods.filter((pod) => pod.ready).length - replicas);
  const oldReady = old.filter((pod) => pod.ready);
  const ending = [...old.filter((pod) => !pod.ready), ...oldReady.slice(Math.max(0, oldReady.length - spare))];
  const surplus = idleFirst(fresh).slice(0, Math.max(0, fresh.length - replicas));
  const staying = old.length - ending.length;
  const room = replicas + (staying > 0 ? 1 : 0) - staying - fresh.length;
  return { end: [...ending, ...surplus], start: Math.max(0, Math.min(room, replicas - fresh.length)) };
}
