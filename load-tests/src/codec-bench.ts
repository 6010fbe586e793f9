import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { connect, type Socket } from 'node:net';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { median, type BenchRow } from './bench-row.ts';

/*
 * CPU of one validated round trip without a database: our session core against `ws` + ajv and bare `ws` echo. Server and client are separate processes and
 * only the server's own user and system time counts; the three run interleaved, so that a busy neighbour disturbs all alike. 90 % MeterValues of four
 * samples, 10 % Heartbeat, closed loop.
 */
const rootDir = join(import.meta.dirname, '../..');
const connections = 100;
const messagesARound = 30_000;
const rounds = 5;
const goalRatio = 1.35;

const servers = {
  'ws echo': join(import.meta.dirname, 'codec/echo-server.ts'),
  'ws + ajv': join(import.meta.dirname, 'codec/ajv-server.ts'),
  'session core': join(rootDir, 'services/ocpp-gateway/src/testing/codec-server.ts'),
} as const;
type Name = keyof typeof servers;
const names = Object.keys(servers) as Name[];

interface Running { process: ChildProcessWithoutNullStreams; port: number; cpuMicroseconds(): Promise<number> }

async function start(file: string): Promise<Running> {
  const child = spawn(process.execPath, [file], { cwd: rootDir, stdio: ['pipe', 'pipe', 'pipe'] });
  child.stderr.pipe(process.stderr);
  const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
  const read = async <T>(): Promise<T> => {
    const { value, done } = await lines.next();
    if (done) throw new Error(`${file} ended`);
    return JSON.parse(value) as T;
  };
  const { port } = await read<{ port: number }>();
  return { process: child, port, cpuMicroseconds: async () => { child.stdin.write('\n'); return (await read<{ cpuMicroseconds: number }>()).cpuMicroseconds; } };
}

/** A masked text frame (RFC 6455, 5.2). */
function clientFrame(text: string): Buffer {
  const payload = Buffer.from(text);
  const mask = randomBytes(4);
  const head = payload.length < 126 ? Buffer.from([0x81, 0x80 | payload.length]) : Buffer.from([0x81, 0xfe, payload.length >> 8, payload.length & 0xff]);
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))]);
}

const sample = (value: string, measurand: string, unit: string) => ({ value, context: 'Sample.Periodic', measurand, unit });
const meterValues = clientFrame(JSON.stringify([2, '019b8f3c-5a10-7c3e-9d55-0f6f4be0a1c2', 'MeterValues', {
  connectorId: 1, transactionId: 4711, meterValue: [{ timestamp: '2026-11-24T09:00:00Z', sampledValue: [
    sample('12345.6', 'Energy.Active.Import.Register', 'Wh'), sample('7200.0', 'Power.Active.Import', 'W'), sample('31.3', 'Current.Import', 'A'), sample('230.1', 'Voltage', 'V'),
  ] }],
}]));
const heartbeat = clientFrame(JSON.stringify([2, '019b8f3c-5a10-7c3e-9d55-0f6f4be0a1c3', 'Heartbeat', {}]));

/** Opens a WebSocket by hand; the client must cost little, because it shares the machine with what it measures. */
function open(port: number, identity: string): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', noDelay: true });
    socket.once('error', reject);
    socket.write([
      `GET /ocpp/demo/${identity} HTTP/1.1`, 'Host: bench', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Version: 13', `Sec-WebSocket-Key: ${randomBytes(16).toString('base64')}`,
      'Sec-WebSocket-Protocol: ocpp1.6', `Authorization: Basic ${Buffer.from(`${identity}:secret`).toString('base64')}`, '', '',
    ].join('\r\n'));
    socket.once('data', (data) => (data.toString('latin1').startsWith('HTTP/1.1 101') ? resolve(socket) : reject(new Error(data.toString('latin1')))));
  });
}

/** Runs `total` round trips over the sockets, one in flight each. An answer that is a CALLERROR fails the bench. */
function run(sockets: Socket[], total: number): Promise<void> {
  return new Promise((resolve, reject) => {
    let sent = 0;
    let answered = 0;
    // A client that sleeps has to be woken by the server's write, on the server's account, and the more so the slower the server is: this one stays awake.
    const stayAwake = (): void => { if (answered < total) setImmediate(stayAwake); };
    stayAwake();
    for (const socket of sockets) {
      const next = (): void => {
        if (sent >= total) return;
        sent += 1;
        socket.write(sent % 10 === 0 ? heartbeat : meterValues);
      };
      let rest: Buffer = Buffer.alloc(0);
      socket.removeAllListeners('data');
      socket.on('data', (data: Buffer) => {
        rest = rest.length === 0 ? data : Buffer.concat([rest, data]);
        while (rest.length >= 2) {
          const short = (rest[1] ?? 0) & 0x7f;
          const headLength = short === 126 ? 4 : 2;
          if (rest.length < headLength) return;
          const length = short === 126 ? rest.readUInt16BE(2) : short;
          if (rest.length < headLength + length) return;
          if (rest[0] === 0x89) { rest = rest.subarray(headLength + length); continue; } // a ping, which a station may leave unanswered
          if (rest[0] !== 0x81 || rest[headLength + 1] === 0x34) { reject(new Error(`not an answer: ${rest.toString('latin1')}`)); return; }
          rest = rest.subarray(headLength + length);
          answered += 1;
          if (answered === total) { resolve(); return; }
          next();
        }
      });
      next();
    }
  });
}

/** Round by round, so that what disturbed one round disturbed both sides of its ratio. */
export async function codecBench(): Promise<BenchRow[]> {
  const measured: Record<Name, number[]> = { 'ws echo': [], 'ws + ajv': [], 'session core': [] };
  const running = new Map<Name, { server: Running; sockets: Socket[] }>();
  try {
    for (const name of names) {
      const server = await start(servers[name]);
      const sockets = await Promise.all(Array.from({ length: connections }, (_, at) => open(server.port, `B${at}`)));
      running.set(name, { server, sockets });
      await run(sockets, messagesARound);
    }
    for (let round = 0; round < rounds; round += 1) {
      for (const [name, { server, sockets }] of running) {
        const before = await server.cpuMicroseconds();
        await run(sockets, messagesARound);
        measured[name].push(((await server.cpuMicroseconds()) - before) / messagesARound);
      }
    }
  } finally {
    for (const { server, sockets } of running.values()) {
      for (const socket of sockets) socket.destroy();
      server.process.stdin.end();
    }
  }
  const ratios = measured['session core'].map((cost, round) => cost / (measured['ws + ajv'][round] ?? Number.NaN));
  const told = names.map((name) => `${name} ${median(measured[name]).toFixed(1)} us (${Math.min(...measured[name]).toFixed(1)}-${Math.max(...measured[name]).toFixed(1)})`).join(', ');
  return [{ bench: 'codec', what: 'CPU per validated round trip against ws + ajv', value: median(ratios), unit: 'times', limit: { atMost: goalRatio }, detail: `median of ${rounds}; ${told}` }];
}
