import { fork } from 'node:child_process';
import { join } from 'node:path';
import { z } from 'zod';
import { connectDone, fleetOrder, fleetState, loadDone, sessionTruth, type FleetOrder, type FleetSetting, type FleetState, type LoadDone, type SessionTruth } from './orders.ts';

type Order<Name extends FleetOrder['do']> = Omit<Extract<z.input<typeof fleetOrder>, { do: Name }>, 'do'>;

/** A fleet of light chargers that runs in its own process. */
export interface FleetProcess {
  pid: number;
  /** @returns seconds until the last one was booted */
  connect(order: Order<'connect'>): Promise<number>;
  start(order: Order<'start'>): Promise<void>;
  load(order: Order<'load'>): Promise<LoadDone>;
  live(order: Order<'live'>): Promise<void>;
  finish(): Promise<void>;
  drop(order: Order<'drop'>): Promise<void>;
  waitReady(count: number): Promise<void>;
  state(): Promise<FleetState>;
  truth(): Promise<SessionTruth[]>;
  close(): Promise<void>;
}

const answer = z.object({ id: z.number(), result: z.unknown(), error: z.string().optional() });

/** Starts the process; `setting` has useful defaults but for the port, the password and how many. */
export function openFleet(given: Pick<FleetSetting, 'port' | 'password' | 'count'> & Partial<FleetSetting>): FleetProcess {
  const setting: FleetSetting = { tenant: 'bench', seed: 1, firstIndex: 0, backoffFirstMs: 1_000, backoffMaxMs: 8_000, answerTimeoutMs: 30_000, bootAlways: false, ...given };
  const child = fork(join(import.meta.dirname, 'fleet-main.ts'), [JSON.stringify(setting)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  const waiting = new Map<number, { resolve: (result: unknown) => void; reject: (error: Error) => void }>();
  let last = 0;
  let closing = false;
  child.on('message', (message) => {
    const { id, result, error } = answer.parse(message);
    const asked = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) asked?.resolve(result);
    else asked?.reject(new Error(error));
  });
  const exited = new Promise<void>((resolve) => child.once('exit', (code) => {
    resolve();
    for (const { reject } of waiting.values()) reject(new Error(closing ? 'the fleet was closed' : `the fleet ended with ${code}`));
  }));
  const ask = <T>(order: z.input<typeof fleetOrder>, shape: z.ZodType<T>): Promise<T> => new Promise<unknown>((resolve, reject) => {
    last += 1;
    waiting.set(last, { resolve, reject });
    child.send({ id: last, order });
  }).then((result) => shape.parse(result));
  const nothing = async (order: z.input<typeof fleetOrder>): Promise<void> => void await ask(order, z.null());
  return {
    pid: child.pid ?? 0,
    connect: async (order) => (await ask({ do: 'connect', ...order }, connectDone)).seconds,
    start: (order) => nothing({ do: 'start', ...order }),
    load: (order) => ask({ do: 'load', ...order }, loadDone),
    live: (order) => nothing({ do: 'live', ...order }),
    finish: () => nothing({ do: 'finish' }),
    drop: (order) => nothing({ do: 'drop', ...order }),
    waitReady: (count) => nothing({ do: 'wait-ready', count }),
    state: () => ask({ do: 'state' }, fleetState),
    truth: () => ask({ do: 'truth' }, z.array(sessionTruth)),
    close: async () => {
      closing = true;
      child.disconnect();
      await exited;
    },
  };
}
