import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { rootDir } from '../../test-cluster.ts';
import type { Installation } from './installation.ts';

/** load-tests/src/cluster/orders.ts says the same on the other side of the wire. */
const State = z.object({ connected: z.number(), acknowledged: z.number(), transactions: z.number(), open: z.number() });
const Moves = z.object({ reconnects: z.number(), awayMsMax: z.number(), crowdShareMax: z.number(), byGateway: z.record(z.string(), z.number()), closeCodes: z.record(z.string(), z.number()) });
const Check = z.object({ statements: z.number(), checked: z.number(), violations: z.array(z.string()), transactions: z.number(), acknowledged: z.number() });
const Answer = z.object({ id: z.number(), result: z.unknown().optional(), error: z.string().optional() });

/** Chargers in a process of their own, at the Service of a site's gateways. */
export interface Fleet {
  /** Connects a group, which charges from then on. */
  live(group: number): Promise<void>;
  state(): Promise<z.infer<typeof State>>;
  waitConnected(count: number): Promise<void>;
  goesOn(messages: number): Promise<void>;
  moves(sinceMs: number): Promise<z.infer<typeof Moves>>;
  stopCharging(group: number): Promise<void>;
  leave(group: number): Promise<void>;
  check(): Promise<z.infer<typeof Check>>;
  close(): Promise<void>;
}

export async function openFleet(installation: Installation, site: string, groups: number[]): Promise<Fleet> {
  const { namespace, siteNamespace } = installation;
  const [database, admin, bus, gateway, trust] = await Promise.all(['csms-database', 'csms-database-admin', 'csms-bus', 'csms-gateway', 'csms-trust'].map((name) => installation.secret(name)));
  const setting = {
    adminUrl: `postgres://postgres:${admin?.['POSTGRES_PASSWORD']}@csms-postgres.${namespace}.svc:5432/csms`, appUrl: database?.['DATABASE_URL'], redisUrl: bus?.['REDIS_URL'], pepper: gateway?.['CSMS_CREDENTIAL_PEPPER'],
    endpoint: `wss://csms-gateway-default.${siteNamespace}.svc`, trusts: trust?.['ca.crt'], site: { namespace: siteNamespace, name: site }, groups, seed: 20_261_124,
  };
  const child = fork(join(rootDir, 'load-tests/src/cluster/fleet-main.ts'), [JSON.stringify(setting)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  const ready = new Promise<unknown>((resolve, reject) => waiting.set(0, { resolve, reject }));
  child.on('message', (message) => {
    const { id, result, error } = Answer.parse(message);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(`the fleet: ${error}`));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', (code) => {
    for (const { reject } of waiting.values()) reject(new Error(`the fleet ended with ${code}`));
    resolve();
  }));
  const ask = async <T>(shape: z.ZodType<T>, order: Record<string, unknown>): Promise<T> => shape.parse(await new Promise<unknown>((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    child.send({ id: last, order });
  }));
  const done = async (order: Record<string, unknown>): Promise<void> => void (await ask(z.null(), order));
  await ready;
  return {
    live: (group) => done({ do: 'live', group }),
    state: () => ask(State, { do: 'state' }),
    waitConnected: (count) => done({ do: 'wait-connected', count }),
    goesOn: (messages) => done({ do: 'goes-on', messages }),
    moves: (sinceMs) => ask(Moves, { do: 'moves', sinceMs }),
    stopCharging: (group) => done({ do: 'stop-charging', group }),
    leave: (group) => done({ do: 'leave', group }),
    check: () => ask(Check, { do: 'check' }),
    close: async () => {
      if (child.connected) child.disconnect();
      await exited;
    },
  };
}
