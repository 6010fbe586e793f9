import { RPCClient } from 'ocpp-rpc';

/** What a test uses of an ocpp-rpc client; the client's own types leave results unknown, and tests look into them. */
export interface Charger {
  call(action: string, request: object): Promise<Record<string, unknown>>;
  handle(action: string, answer: (call: { params: unknown }) => unknown): void;
  close(options?: { force?: boolean }): Promise<unknown>;
}

/** A charger of an independent make: ocpp-rpc's client in strict mode, connected. It never comes back by itself. */
export async function aCharger(given: { port: number; identity: string; version?: 'ocpp1.6' | 'ocpp2.0.1'; password?: string; tenant?: string; ca?: string }): Promise<Charger> {
  const client = new RPCClient({
    endpoint: `${given.ca === undefined ? 'ws' : 'wss'}://127.0.0.1:${given.port}/ocpp/${given.tenant ?? 'demo'}`, identity: given.identity, password: given.password ?? 'secret',
    protocols: [given.version ?? 'ocpp1.6'], strictMode: true, reconnect: false, pingIntervalMs: 0,
    ...(given.ca === undefined ? {} : { wsOpts: { ca: given.ca } }),
  } as ConstructorParameters<typeof RPCClient>[0]);
  await client.connect();
  return client as unknown as Charger;
}
