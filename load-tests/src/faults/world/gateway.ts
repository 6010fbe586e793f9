import { join, resolve } from 'node:path';
import { z } from 'zod';
import { startChild, type Child } from './child.ts';

const rootDir = resolve(import.meta.dirname, '../../../..');
const Listening = z.object({ event: z.literal('listening'), port: z.number(), adminPort: z.number(), tlsPort: z.number().nullish(), gateway: z.string() });

export interface Gateway extends Child {
  /** The address under which chargers reach it. */
  host: string;
  /** Where chargers connect. */
  port: number;
  /** Where chargers connect over TLS; null: nowhere. */
  tlsPort: number | null;
  adminPort: number;
  /** Its name on the bus, new at every start. */
  name: string;
  metrics(): Promise<string>;
  /** The sum of a metric's samples whose line has all of `parts`. */
  metric(name: string, ...parts: string[]): Promise<number>;
}

/** `through` is the command line that runs the gateway's in another place; `host` is where it is reached then. */
export interface GatewayPlace { through?: string[]; host?: string }

/** Starts services/ocpp-gateway as it is deployed; resolves when it listens, rejects with its last words. */
export async function startGateway(env: Record<string, string>, { through = [], host = '127.0.0.1' }: GatewayPlace = {}): Promise<Gateway> {
  const line = [...through, process.execPath, join(rootDir, 'services/ocpp-gateway/src/main.ts')];
  let listening: (found: z.infer<typeof Listening>) => void = () => {};
  const found = new Promise<z.infer<typeof Listening>>((done) => { listening = done; });
  const child = startChild(line[0]!, line.slice(1), {
    cwd: rootDir,
    env: { CSMS_MODE: 'lab', CSMS_OCPP_PORT: '0', ADMIN_PORT: '0', CSMS_DEFAULT_TENANT: 'demo', CSMS_DRAIN_SECONDS: '2', CSMS_OCPP_PING_SECONDS: '5', CSMS_OCPP_ANSWER_SECONDS: '5', ...env },
    onLine: (text) => {
      if (!text.includes('"event":"listening"')) return;
      const parsed = Listening.safeParse(JSON.parse(text));
      if (parsed.success) listening(parsed.data);
    },
  });
  const { port, adminPort, tlsPort = null, gateway } = await Promise.race([found, child.exited.then((code): never => { throw new Error(`the gateway ended with ${code} before it listened:\n${child.lastWords()}`); })]);
  const metrics = async (): Promise<string> => (await fetch(`http://${host}:${adminPort}/metrics`, { signal: AbortSignal.timeout(5_000) })).text();
  return {
    ...child, host, port, tlsPort, adminPort, name: gateway, metrics,
    metric: async (name, ...parts) => (await metrics()).split('\n').filter((text) => text.startsWith(name) && parts.every((part) => text.includes(part))).reduce((sum, text) => sum + Number(text.split(' ').at(-1)), 0),
  };
}
