import { ClusterError, configMapKind } from '@csms/kube';
import type { ClusterClient } from '@csms/kube';
import { z } from 'zod';

/** Who may speak for the API server: holders of a certificate of this authority under one of these names (none listed: under any). */
export interface FrontProxy {
  authorityPem: string;
  allowedNames: string[];
}

/** What every API server with an aggregation layer publishes (kubernetes.io, "Configure the Aggregation Layer"). */
const place = { namespace: 'kube-system', name: 'extension-apiserver-authentication' };
const jsonList = z.string().transform((text, context): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    context.addIssue('expected JSON');
    return z.NEVER;
  }
}).pipe(z.array(z.string()));
const Published = z.looseObject({ data: z.looseObject({ 'requestheader-client-ca-file': z.string().includes('BEGIN CERTIFICATE'), 'requestheader-allowed-names': jsonList.default([]) }) });

/** Reads who the front proxy is. Throws a sentence where the cluster has no aggregation layer, and ClusterError where it cannot be asked. */
export async function readFrontProxy(client: Pick<ClusterClient, 'get'>): Promise<FrontProxy> {
  const published = Published.safeParse(await client.get(configMapKind, place));
  if (!published.success) throw new ClusterError(404, 'NoAggregation', `${place.namespace}/${place.name} does not say who asks for the API server: the cluster has no aggregation layer.`);
  const { data } = published.data;
  return { authorityPem: data['requestheader-client-ca-file'], allowedNames: data['requestheader-allowed-names'] };
}
