/* A small controller runtime: client, reflector, work queue, controller, apply and prune, conditions. The local cluster is `@csms/kube/local-cluster/index`. */
export * from './apply-and-prune.ts';
export * from './backoff.ts';
export * from './client.ts';
export * from './clock.ts';
export * from './conditions.ts';
export * from './controller.ts';
export * from './drift.ts';
export * from './event-recorder.ts';
export * from './fenced-client.ts';
export * from './http-client.ts';
export * from './kind.ts';
export * from './leader-election.ts';
export * from './object.ts';
export * from './offered-kinds.ts';
export * from './reflector.ts';
export * from './watch-folder.ts';
export * from './work-queue.ts';
