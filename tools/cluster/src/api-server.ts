import { readFile } from 'node:fs/promises';
import { HttpClusterClient, type Transport } from '@csms/kube';
import { Agent, request } from 'undici';
import { pkiFile } from './certificates.ts';
import { addresses, type Place } from './place.ts';

/** The cluster's API server, asked as its administrator from inside the namespace. */
export async function openApiServer(place: Place): Promise<{ client: HttpClusterClient; ready: () => Promise<boolean>; close: () => Promise<void> }> {
  const [ca, cert, key] = await Promise.all(['ca.crt', 'admin.crt', 'admin.key'].map((file) => readFile(pkiFile(place, file), 'utf8')));
  const transport: Transport = { origin: `https://${addresses.node}:${addresses.apiPort}`, dispatcher: new Agent({ connect: { ca, cert, key } }), headers: async () => ({}) };
  const client = new HttpClusterClient(transport);
  return {
    client,
    ready: async () => {
      const answer = await request(`${transport.origin}/readyz`, { dispatcher: transport.dispatcher });
      await answer.body.dump();
      return answer.statusCode === 200;
    },
    close: () => client.close(),
  };
}

/** Whether a health address over plain HTTP answers 200. */
export async function healthy(url: string): Promise<boolean> {
  const answer = await request(url);
  await answer.body.dump();
  return answer.statusCode === 200;
}
