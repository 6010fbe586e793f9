import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { timingSafeEqual } from 'node:crypto';
import { LabAction, LabProcess, LabStation, type LabState } from '@csms/contracts/http/lab';
import { z } from 'zod';
import type { LocalBus } from '../bus-server.ts';

/** Where the lab's hands are: the fleet's own control server and the launcher's processes. */
export interface LabHands {
  fleet: { url: string; token: string } | null;
  bus: LocalBus;
  cards: LabState['cards'];
  processes(): Promise<z.infer<typeof LabProcess>[]> | z.infer<typeof LabProcess>[];
  killProcess(name: string): boolean;
}

const FleetState = z.object({ stations: z.array(LabStation) });

/**
 * The lab's control server, on loopback and behind a token: GET /state, POST /actions, GET /truth. The API forwards to it in lab mode alone.
 */
export async function startLabServer(hands: LabHands, token: string): Promise<{ url: string; close(): Promise<void> }> {
  const server = createServer((request, response) => {
    void answer(hands, token, request).then(
      ([status, body]) => response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body)),
      (error: unknown) => response.writeHead(502, { 'content-type': 'application/json' }).end(JSON.stringify({ ok: false, message: error instanceof Error ? error.message : String(error) })),
    );
  });
  await new Promise<void>((done, fail) => server.once('error', fail).listen(0, '127.0.0.1', done));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    close: () => new Promise((done) => { server.close(() => done()); server.closeAllConnections(); }),
  };
}

async function answer(hands: LabHands, token: string, request: IncomingMessage): Promise<[number, unknown]> {
  if (!sameText(request.headers.authorization ?? '', `Bearer ${token}`)) return [401, { ok: false, message: 'the lab token is wrong' }];
  const route = `${request.method} ${request.url?.split('?')[0]}`;
  if (route === 'GET /state') return [200, await stateOf(hands)];
  if (route === 'GET /truth') return [200, hands.fleet === null ? [] : await askFleet(hands.fleet, 'GET', '/truth')];
  if (route === 'POST /actions') {
    const action = LabAction.safeParse(JSON.parse(await readBody(request)));
    return action.success ? [200, await act(hands, action.data)] : [400, { ok: false, message: 'this is no action of the lab' }];
  }
  return [404, { ok: false, message: 'not found' }];
}

async function stateOf(hands: LabHands): Promise<LabState> {
  const fleet = hands.fleet === null ? { stations: [] } : FleetState.parse(await askFleet(hands.fleet, 'GET', '/state'));
  return {
    stations: fleet.stations,
    processes: await hands.processes(),
    bus: { kind: hands.bus.kind, state: hands.bus.outage?.stopped() ? 'stopped' : 'running' },
    cards: hands.cards,
    asOf: new Date().toISOString(),
  };
}

async function act(hands: LabHands, action: LabAction): Promise<{ ok: boolean; message: string }> {
  switch (action.action) {
    case 'kill-process':
      return hands.killProcess(action.name) ? { ok: true, message: `${action.name} was killed` } : { ok: false, message: `no process ${action.name} runs` };
    case 'stop-bus':
    case 'start-bus': {
      if (hands.bus.outage === null) return { ok: false, message: 'the bus was given by REDIS_URL and is not ours to stop' };
      await (action.action === 'stop-bus' ? hands.bus.outage.stop() : hands.bus.outage.start());
      return { ok: true, message: action.action === 'stop-bus' ? 'the bus is stopped' : 'the bus runs again' };
    }
    default: {
      if (hands.fleet === null) return { ok: false, message: 'no simulated fleet runs (npm start without --no-demo starts one)' };
      const { action: verb, identity, ...rest } = action;
      const body = { ...rest, ...('uid' in rest ? { idTag: rest.uid } : {}) };
      await askFleet(hands.fleet, 'POST', `/stations/${encodeURIComponent(identity)}/${verb}`, body);
      return { ok: true, message: `${identity}: ${verb}` };
    }
  }
}

async function askFleet(fleet: { url: string; token: string }, method: string, path: string, body?: unknown): Promise<unknown> {
  const response = await fetch(`${fleet.url}${path}`, {
    method, headers: { authorization: `Bearer ${fleet.token}`, 'content-type': 'application/json' },
    ...(body === undefined ? {} : { body: JSON.stringify(body) }), signal: AbortSignal.timeout(5_000),
  });
  const text = await response.text();
  if (!response.ok) throw new Error(`the simulated fleet refused: ${text.slice(0, 200)}`);
  return text === '' ? null : JSON.parse(text);
}

async function readBody(request: IncomingMessage): Promise<string> {
  let text = '';
  for await (const chunk of request) {
    text += String(chunk);
    if (text.length > 65_536) throw new Error('the request is too long');
  }
  return text;
}

function sameText(a: string, b: string): boolean {
  const [left, right] = [Buffer.from(a), Buffer.from(b)];
  return left.length === right.length && timingSafeEqual(left, right);
}
