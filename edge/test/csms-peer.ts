import { RPCServer } from 'ocpp-rpc';
import { TLSSocket } from 'node:tls';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';

/** One CALL as the peer received it. */
export interface Received {
  action: string;
  messageId: string;
  params: Record<string, unknown>;
}

type Answer = (params: Record<string, unknown>) => Record<string, unknown> | Promise<Record<string, unknown>>;

export interface PeerOptions {
  port?: number;
  /** Validates what comes against the schemas; on unless told otherwise. */
  strict?: boolean;
  /** Milliseconds between pings; 30 s if it is not given. */
  pingIntervalMs?: number;
  /** Asked for at each handshake; undefined lets everybody in. */
  password?: string | (() => string | Buffer | undefined);
  /** PEM; with `clientCa` a certificate of that authority is demanded, or asked for. */
  tls?: { cert: string; key: string; clientCa?: string; isClientOptional?: boolean };
}

export interface CsmsPeer {
  /** Subjects of the client certificates, and the passwords, that were let in, in order. */
  letIn: { password: Buffer | undefined; client: string | undefined }[];
  url: string;
  received: Received[];
  /** Calls of one action, in the order in which they came. */
  of(action: string): Received[];
  /** Replaces the answer to an action. */
  answer(action: string, answer: Answer): void;
  /** Sends a command on the present connection. */
  command(action: string, params: object): Promise<Record<string, unknown>>;
  connections: number;
  /** Closes every socket with a code, as a gateway does that goes. */
  closeAll(code: number): void;
  /** Destroys every socket, as a dying gateway does. */
  dropAll(): void;
  close(): Promise<void>;
}

/** ocpp-rpc's own server in strict mode: a CSMS that shares no code with the station and refuses what breaks a schema. */
export async function startCsmsPeer(options: PeerOptions = {}): Promise<CsmsPeer> {
  const received: Received[] = [];
  let transactionIds = 100;
  const clients = new Set<{ call(action: string, params: object): Promise<unknown>; close(options: object): Promise<unknown> }>();
  const answers = new Map<string, Answer>([
    ['BootNotification', () => ({ status: 'Accepted', interval: 300, currentTime: new Date().toISOString() })],
    ['Heartbeat', () => ({ currentTime: new Date().toISOString() })],
    ['StatusNotification', () => ({})],
    ['MeterValues', () => ({})],
    ['Authorize', (params) => ('idTag' in params ? { idTagInfo: { status: 'Accepted' } } : { idTokenInfo: { status: 'Accepted' } })],
    ['StartTransaction', () => ({ transactionId: ++transactionIds, idTagInfo: { status: 'Accepted' } })],
    ['StopTransaction', () => ({ idTagInfo: { status: 'Accepted' } })],
    ['TransactionEvent', (params) => (params['eventType'] === 'Started' ? { idTokenInfo: { status: 'Accepted' } } : {})],
    ['DataTransfer', () => ({ status: 'Accepted' })],
    ['SignCertificate', () => ({ status: 'Accepted' })],
    ...[
      'FirmwareStatusNotification', 'DiagnosticsStatusNotification', 'SecurityEventNotification', 'LogStatusNotification', 'SignedFirmwareStatusNotification',
    ].map((action): [string, Answer] => [action, () => ({})]),
  ]);

  let listener: ReturnType<typeof createTlsServer> | undefined;
  const server = new RPCServer({ protocols: ['ocpp1.6', 'ocpp2.0.1'], strictMode: options.strict ?? true, pingIntervalMs: options.pingIntervalMs ?? 30_000 });
  server.auth((accept, reject, handshake) => {
    const wanted = typeof options.password === 'function' ? options.password() : options.password;
    if (wanted !== undefined && !(handshake.password && Buffer.from(wanted).equals(handshake.password))) return reject(401, 'wrong password');
    const { socket } = handshake.request;
    peer.letIn.push({ password: handshake.password, client: socket instanceof TLSSocket ? socket.getPeerX509Certificate()?.subject : undefined });
    accept({});
  });
  const peer: CsmsPeer = {
    url: '', received, connections: 0, letIn: [],
    of: (action) => received.filter((call) => call.action === action),
    answer: (action, answer) => void answers.set(action, answer),
    async command(action, params) {
      const [client] = [...clients].slice(-1);
      if (!client) throw new Error('no charger is connected');
      const answer = await client.call(action, params);
      return { ...(answer as object) };
    },
    closeAll(code) {
      for (const client of clients) void client.close({ code, reason: 'service restart' });
    },
    dropAll() {
      for (const client of clients) void client.close({ force: true, code: 1006 });
    },
    async close() {
      for (const client of clients) void client.close({ force: true, code: 1006 });
      await server.close({ force: true });
      listener?.close();
    },
  };
  server.on('client', (client) => {
    peer.connections += 1;
    clients.add(client);
    client.on('close', () => clients.delete(client));
    client.handle(async ({ method, params, messageId }: { method: string; params: Record<string, unknown>; messageId: string }) => {
      received.push({ action: method, messageId, params });
      const answer = answers.get(method);
      if (!answer) throw new Error(`the peer has no answer to ${method}`);
      return answer(params);
    });
  });
  if (options.tls) {
    const { cert, key, clientCa, isClientOptional } = options.tls;
    listener = createTlsServer({ cert, key, ...(clientCa && { ca: clientCa, requestCert: true, rejectUnauthorized: !isClientOptional }) });
    listener.on('upgrade', server.handleUpgrade);
    await new Promise<void>((resolve) => listener?.listen(options.port ?? 0, '127.0.0.1', resolve));
    peer.url = `wss://127.0.0.1:${(listener.address() as AddressInfo).port}`;
  } else {
    const http = await server.listen(options.port ?? 0, '127.0.0.1');
    peer.url = `ws://127.0.0.1:${(http.address() as AddressInfo).port}`;
  }
  return peer;
}

/** Waits for a fact; fails with what was last seen. */
export async function until<T>(what: string, read: () => T | undefined | false | null, timeoutMs = 20_000): Promise<T> {
  const deadline = Date.now() + timeoutMs;
  for (;;) {
    const value = read();
    if (value) return value;
    if (Date.now() > deadline) throw new Error(`did not happen in ${timeoutMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
