import { readFile } from 'node:fs/promises';
import { pause } from '@csms/kube';
import type { Clock, ClusterClient } from '@csms/kube';
import type { ConnectionCounts } from './connection-counts.ts';
import { readFrontProxy } from './front-proxy.ts';
import { startMetricsApiServer } from './metrics-api-server.ts';
import type { MetricsApiServer, ServerCertificate } from './metrics-api-server.ts';

/* The autoscaler's eyes: how many stations hang on each gateway, as an aggregated API of the cluster (custom.metrics.k8s.io). */

export interface MetricsApiOptions {
  client: Pick<ClusterClient, 'get'>;
  clock: Clock;
  counts: ConnectionCounts;
  port: number;
  host: string;
  certFile: string;
  keyFile: string;
  onFailure: (error: unknown) => void;
}

/** Certificates and the front proxy's authority are read anew so often: both are renewed while the process runs. */
const READ_AGAIN_MS = 60_000;
const TRY_AGAIN_MS = 2000;

/** Serves the API as soon as the cluster has said who may ask, until `close`; failures are told and tried again for ever. */
export function serveMetricsApi(options: MetricsApiOptions): { close(): Promise<void> } {
  const { client, clock, counts, port, host, onFailure } = options;
  const ends = new AbortController();
  const given = async (): Promise<[ServerCertificate, Awaited<ReturnType<typeof readFrontProxy>>]> => {
    const [cert, key, frontProxy] = await Promise.all([readFile(options.certFile, 'utf8'), readFile(options.keyFile, 'utf8'), readFrontProxy(client)]);
    return [{ cert, key }, frontProxy];
  };
  let server: MetricsApiServer | undefined;
  const run = (async () => {
    while (!ends.signal.aborted) {
      try {
        const [certificate, frontProxy] = await given();
        if (server === undefined) server = await startMetricsApiServer({ port, host, certificate, frontProxy, counts });
        else server.use(certificate, frontProxy);
      } catch (error) {
        onFailure(error);
      }
      await pause(clock, server === undefined ? TRY_AGAIN_MS : READ_AGAIN_MS, ends.signal);
    }
  })();
  return {
    close: async () => {
      ends.abort();
      await run;
      await server?.close();
    },
  };
}
