import { connect, type Socket } from 'node:net';
import type { ConnectionOptions } from 'node:tls';
import { randomBytes } from 'node:crypto';
import { WebSocket } from 'ws';

/** Waits until a fact holds; a test's own time limit is the only clock. */
export async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => setTimeout(resolve, 2));
}

/** A station that writes what a test tells it to, byte for byte, and keeps what it hears. */
export interface RawStation { ws: WebSocket; received: unknown[][]; closed: number[]; send(frame: unknown): void; answer(id: string): Promise<unknown[]> }

export async function aRawStation(given: { port: number; identity?: string; path?: string; password?: string | null; protocols?: string[]; autoPong?: boolean; tls?: ConnectionOptions; from?: string }): Promise<RawStation> {
  const identity = given.identity ?? 'CP_1';
  const password = given.password === undefined ? 'secret' : given.password;
  const ws = new WebSocket(`${given.tls === undefined ? 'ws' : 'wss'}://127.0.0.1:${given.port}${given.path ?? `/ocpp/demo/${encodeURIComponent(identity)}`}`, given.protocols ?? ['ocpp1.6'], {
    headers: password === null ? {} : basic(identity, password), autoPong: given.autoPong ?? true, ...given.tls, ...(given.from === undefined ? {} : { localAddress: given.from }),
  });
  const station: RawStation = {
    ws, received: [], closed: [],
    send: (frame) => ws.send(typeof frame === 'string' || Buffer.isBuffer(frame) ? frame : JSON.stringify(frame)),
    answer: async (id) => {
      await until(() => station.received.some((frame) => frame[1] === id));
      return station.received.find((frame) => frame[1] === id) ?? [];
    },
  };
  ws.on('message', (data) => station.received.push(JSON.parse(String(data)) as unknown[]));
  ws.on('close', (code) => station.closed.push(code));
  await new Promise<void>((resolve, reject) => { ws.once('open', resolve); ws.once('error', reject); });
  ws.on('error', () => {});
  return station;
}

/** Writes an upgrade request by hand and resolves with the first line and the headers of the answer. */
export async function rawUpgrade(given: { port: number; target: string; headers?: Record<string, string>; after?: Buffer; from?: string }): Promise<{ status: number; head: string; socket: Socket; rest: () => Buffer }> {
  const socket = connect({ port: given.port, host: '127.0.0.1', ...(given.from === undefined ? {} : { localAddress: given.from }) });
  socket.on('error', () => {});
  let received = Buffer.alloc(0);
  let ended = false;
  socket.on('data', (chunk: Buffer) => { received = Buffer.concat([received, chunk]); });
  socket.on('close', () => { ended = true; });
  const headers = { Host: 'x', Connection: 'Upgrade', Upgrade: 'websocket', 'Sec-WebSocket-Version': '13', 'Sec-WebSocket-Key': randomBytes(16).toString('base64'), ...given.headers };
  const text = `GET ${given.target} HTTP/1.1\r\n${Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`;
  socket.write(Buffer.concat([Buffer.from(text, 'latin1'), given.after ?? Buffer.alloc(0)]));
  await until(() => received.includes('\r\n\r\n') || ended);
  const end = received.indexOf('\r\n\r\n');
  const head = received.subarray(0, end === -1 ? undefined : end).toString('latin1');
  return { status: Number(/^HTTP\/1\.1 (\d+)/.exec(head)?.[1] ?? 0), head, socket, rest: () => (end === -1 ? Buffer.alloc(0) : received.subarray(end + 4)) };
}

/** A masked text frame (RFC 6455, 5.2), for bytes that have to share a segment with the upgrade. */
export function maskedTextFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  if (payload.length > 125) throw new Error('too long for this little writer');
  const mask = randomBytes(4);
  return Buffer.concat([Buffer.from([0x81, 0x80 | payload.length]), mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

export function basic(identity: string, password: string): { Authorization: string } {
  return { Authorization: `Basic ${Buffer.from(`${identity}:${password}`).toString('base64')}` };
}
