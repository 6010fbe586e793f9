/*
 * The process that has a cluster: it runs inside the cluster's network namespace, starts every part, and takes all of it down when it is
 * told to end, when its owner is gone, or when a part dies while it starts. Should it be killed itself, the kernel kills its children.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { z } from 'zod';
import { openApiServer } from './api-server.ts';
import { makeCertificates } from './certificates.ts';
import { startControlPlane } from './control-plane.ts';
import { addFakeNodes } from './fake-nodes.ts';
import { binariesIn } from './binaries.ts';
import { startNode } from './node.ts';
import { levels, type Place } from './place.ts';
import { note, Processes, runs } from './processes.ts';
import { writeState, type ClusterState } from './state.ts';
import { takeDown } from './take-down.ts';

const Orders = z.object({
  place: z.object({ name: z.string(), id: z.string(), folder: z.string(), runFolder: z.string(), kubeconfig: z.string(), stateFile: z.string() }),
  level: z.enum(levels),
  nodeName: z.string(),
  fakeNodes: z.number().int().min(0),
  binFolders: z.array(z.string()),
  owner: z.object({ pid: z.number().int(), startTicks: z.string() }).nullable(),
});
/** What a keeper is told as its one argument. */
export type Orders = z.infer<typeof Orders>;

const ownerCheckMs = 500;

async function boot(orders: Orders, processes: Processes): Promise<void> {
  const { place, level } = orders;
  const binaries = binariesIn(orders.binFolders);
  await makeCertificates(place, orders.nodeName);
  await startControlPlane(place, binaries, processes);
  const server = await openApiServer(place);
  try {
    if (level === 'node') await startNode({ place, nodeName: orders.nodeName, binaries, processes, client: server.client });
    await addFakeNodes(server.client, orders.fakeNodes, level);
  } finally {
    await server.close();
  }
}

async function end(place: Place, state: ClusterState): Promise<never> {
  await writeState(place, { ...state, phase: 'stopping' }).catch(() => undefined);
  await takeDown(place);
  process.exit(0);
}

const orders = Orders.parse(JSON.parse(process.argv[2] ?? ''));
const { place } = orders;
const began = performance.now();
let state: ClusterState = { phase: 'starting', level: orders.level, binFolders: orders.binFolders };
let ending = false;
const endOnce = (): void => {
  if (ending) return;
  ending = true;
  end(place, state).catch((error: unknown) => { process.stderr.write(`${String(error)}\n`); process.exit(1); });
};
for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, endOnce);
void (async () => {
  for (const { owner } = orders; owner !== null && !ending; await pause(ownerCheckMs)) if (!(await runs(owner))) endOnce();
})();

await note(place, 'keeper', process.pid);
await writeState(place, state);
try {
  await boot(orders, new Processes(place));
  state = { ...state, phase: 'ready', bootMs: Math.round(performance.now() - began) };
} catch (error) {
  state = { ...state, phase: 'failed', reason: error instanceof Error ? error.message : String(error) };
}
// The one who asked reads this and says when to take it down; what failed stays for a look at its logs until then.
if (!ending) await writeState(place, state);
// Signals do not keep a process alive.
setInterval(() => undefined, 60_000);
