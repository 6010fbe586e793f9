import { randomUUID } from 'node:crypto';
import { WebSocket } from 'ws';
import { z } from 'zod';

/** A call that the charger got from us. */
export interface ReceivedCall { id: string; action: string; payload: Record<string, unknown>; socket: number }

/**
 * A 1.6 charger made of bare frames, because a test must be able to stay silent, to answer late and to leave a socket half-open. It counts what is
 * in flight: `overlaps` are second calls on a socket before the first was answered.
 */
export interface WireCharger {
  calls: ReceivedCall[];
  overlaps: number;
  /** Decides the answer to each call; null stays silent until `answer`. */
  respond: (call: ReceivedCall) => Promise<Record<string, unknown> | null>;
  /** Opens a socket beside those that are open, and calls from then on through it. Rejects when it is refused. */
  connect(port: number): Promise<number>;
  /** Our own call through the newest socket. */
  call(action: string, payload: Record<string, unknown>): Promise<Record<string, unknown>>;
  answer(call: ReceivedCall, payload: Record<string, unknown>): void;
  /** Answers a call with a CALLERROR. */
  refuse(call: ReceivedCall, code: string, description: string): void;
  /** Resolves when that socket is closed, whoever closed it. */
  closed(socket: number): Promise<void>;
  isOpen(socket: number): boolean;
  close(): void;
}

const Frame = z.union([
  z.tuple([z.literal(2), z.string(), z.string(), z.record(z.string(), z.unknown())]),
  z.tuple([z.literal(3), z.string(), z.record(z.string(), z.unknown())]),
  z.tuple([z.literal(4), z.string(), z.string(), z.string(), z.unknown()]),
]);

export function createWireCharger(identity: string, password: string, tenant = 'demo'): WireCharger {
  const sockets: { ws: WebSocket; inFlight: Set<string> }[] = [];
  const waiting = new Map<string, { resolve: (payload: Record<string, unknown>) => void; reject: (error: Error) => void }>();
  const charger: WireCharger = {
    calls: [], overlaps: 0,
    respond: async () => ({ status: 'Accepted' }),
    async connect(port) {
      const ws = new WebSocket(`ws://127.0.0.1:${port}/ocpp/${tenant}/${encodeURIComponent(identity)}`, ['ocpp1.6'], { auth: `${identity}:${password}`, handshakeTimeout: 5_000 });
      const number = sockets.length;
      const inFlight = new Set<string>();
      sockets.push({ ws, inFlight });
      ws.on('error', () => undefined);
      ws.on('message', (data) => {
        const frame = Frame.parse(JSON.parse(String(data)));
        if (frame[0] === 2) {
          const call: ReceivedCall = { id: frame[1], action: frame[2], payload: frame[3], socket: number };
          charger.calls.push(call);
          if (inFlight.size > 0) charger.overlaps += 1;
          inFlight.add(call.id);
          void charger.respond(call).then((payload) => {
            if (payload !== null) charger.answer(call, payload);
          });
        } else if (frame[0] === 3) {
          waiting.get(frame[1])?.resolve(frame[2]);
        } else {
          waiting.get(frame[1])?.reject(new Error(`${frame[2]}: ${frame[3]}`));
        }
      });
      await new Promise<void>((resolve, reject) => {
        ws.once('open', () => resolve());
        ws.once('error', reject);
      });
      return number;
    },
    call(action, payload) {
      const id = randomUUID();
      const ws = sockets.at(-1)!.ws;
      return new Promise((resolve, reject) => {
        waiting.set(id, { resolve, reject });
        ws.once('close', () => reject(new Error('the socket was closed')));
        ws.send(JSON.stringify([2, id, action, payload]));
      });
    },
    answer(call, payload) {
      const socket = sockets[call.socket]!;
      socket.inFlight.delete(call.id);
      if (socket.ws.readyState === WebSocket.OPEN) socket.ws.send(JSON.stringify([3, call.id, payload]));
    },
    refuse(call, code, description) {
      const socket = sockets[call.socket]!;
      socket.inFlight.delete(call.id);
      if (socket.ws.readyState === WebSocket.OPEN) socket.ws.send(JSON.stringify([4, call.id, code, description, {}]));
    },
    async closed(number) {
      const { ws } = sockets[number]!;
      if (ws.readyState !== WebSocket.CLOSED) await new Promise((resolve) => ws.once('close', resolve));
    },
    isOpen: (number) => sockets[number]?.ws.readyState === WebSocket.OPEN,
    close() {
      for (const { ws } of sockets) ws.terminate();
    },
  };
  return charger;
}
