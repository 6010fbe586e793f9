/* A charger made of ocpp-rpc in strict mode (OCPP 1.6), told what to do by lines of JSON on standard input; what happens goes to standard output. */
import { createInterface } from 'node:readline';
import { RPCClient } from 'ocpp-rpc';
import { z } from 'zod';

const Order = z.discriminatedUnion('do', [
  z.object({ do: z.literal('connect'), url: z.string(), identity: z.string(), password: z.string() }),
  z.object({ do: z.literal('call'), action: z.string(), payload: z.record(z.string(), z.unknown()) }),
  z.object({ do: z.literal('disconnect') }),
]);

/** The answers that are no plain `Accepted`. */
const answers: Record<string, Record<string, unknown>> = {
  UnlockConnector: { status: 'Unlocked' }, UpdateFirmware: {}, GetLocalListVersion: { listVersion: 1 }, GetDiagnostics: { fileName: 'diagnostics.txt' },
  GetInstalledCertificateIds: { status: 'NotFound' }, GetConfiguration: { configurationKey: [{ key: 'HeartbeatInterval', readonly: false, value: '300' }] },
};

let client: RPCClient | null = null;

function say(event: Record<string, unknown>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

async function obey(order: z.infer<typeof Order>): Promise<void> {
  if (order.do === 'connect') {
    // The client adds the identity to the endpoint itself.
    const endpoint = order.url.slice(0, order.url.lastIndexOf('/'));
    client = new RPCClient({
      endpoint, identity: order.identity, password: order.password, protocols: ['ocpp1.6'], strictMode: true, strictModeValidators: [], reconnect: false, maxReconnects: 0,
      callTimeoutMs: 30_000, callConcurrency: 1, pingIntervalMs: 30_000, deferPingsOnActivity: true, respondWithDetailedErrors: false, maxBadMessages: 0, wsOpts: {}, headers: {},
      backoff: { initialDelay: 100, maxDelay: 1_000, factor: 2, randomisationFactor: 0 },
    });
    client.handle(async ({ method = '', params }) => {
      say({ event: 'called', action: method, payload: params });
      return answers[method] ?? { status: 'Accepted' };
    });
    await client.connect();
    say({ event: 'connected' });
  } else if (order.do === 'call') {
    const payload: unknown = await client?.call(order.action, order.payload);
    say({ event: 'result', action: order.action, payload });
  } else {
    await client?.close();
    client = null;
    say({ event: 'disconnected' });
  }
}

for await (const line of createInterface({ input: process.stdin })) {
  try {
    await obey(Order.parse(JSON.parse(line)));
  } catch (error) {
    say({ event: 'failed', reason: error instanceof Error ? `${error.name}: ${error.message}` : String(error) });
  }
}
