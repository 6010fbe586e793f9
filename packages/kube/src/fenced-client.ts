import type { ClusterClient } from './client.ts';

/** A write was asked for by a process that does not lead any more. It is not sent. */
export class NotLeadingError extends Error {
  constructor() {
    super('This process does not lead: nothing was written.');
    this.name = 'NotLeadingError';
  }
}

/** A client that reads always and writes only while `mayWrite` says so, asked at each write. */
export function fencedClient(client: ClusterClient, mayWrite: () => boolean): ClusterClient {
  const fenced = async <T>(write: () => Promise<T>): Promise<T> => {
    if (!mayWrite()) throw new NotLeadingError();
    return write();
  };
  return {
    get: (kind, ref) => client.get(kind, ref),
    list: (kind, options) => client.list(kind, options),
    watch: (kind, options) => client.watch(kind, options),
    resources: (apiVersion) => client.resources(apiVersion),
    apply: (kind, object, options) => fenced(() => client.apply(kind, object, options)),
    applyStatus: (kind, object, options) => fenced(() => client.applyStatus(kind, object, options)),
    ...(client.overwrite === undefined ? {} : { overwrite: (kind, object, options) => fenced(() => client.overwrite?.(kind, object, options) ?? client.apply(kind, object, options)) }),
    delete: (kind, ref, options) => fenced(() => client.delete(kind, ref, options)),
  };
}
