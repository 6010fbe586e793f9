import { createServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import targaryen from 'targaryen';
import { WebSocketServer, type WebSocket } from 'ws';
import { z } from 'zod';
import { nodeHash } from './node-hash.ts';
import { publishedRules } from './rules.ts';

/*
 * A Realtime Database that speaks the socket protocol of Google's as far as firebase-admin and a reader of one node use it: handshake, sign-in by a service
 * account's token or a user's, listen, put, merge, conditional put by hash. Every request of whoever is not past the rules is judged by the published
 * rules (targaryen). It is real in what it keeps and refuses; what it does not know it answers with an error.
 */

export interface RealtimeDatabase {
  port: number;
  url: string;
  /** What stands at a path. */
  at(path: string): unknown;
  /** Every version that was ever written to a node, in order. */
  versionsOf(publicId: string): number[];
  /** Writes that came, whatever became of them. */
  puts(): number;
  /** Connections that are open now, and how many there were in all. */
  connections(): { open: number; ever: number };
  /** From now on nobody is heard and nobody is let in. */
  cut(): Promise<void>;
  /** Frames are taken and none is answered: a line that is half open. */
  silence(on: boolean): void;
  heal(): Promise<void>;
  close(): Promise<void>;
}

export interface RealtimeDatabaseOptions {
  /** Absent: plain, where the library takes it for Google's emulator and signs in as its owner. */
  tls?: { key: string; cert: string };
  /** Says of a service account's access token whether it is one. */
  acceptsAccount(token: string): boolean;
  /** Who a user's token is; null: nobody. */
  userOf?(token: string): object | null;
}

/** `admin`: past the rules. */
type Who = { kind: 'nobody' } | { kind: 'user'; auth: object } | { kind: 'admin' };

const Request = z.object({ t: z.literal('d'), d: z.object({ r: z.number(), a: z.string(), b: z.looseObject({ p: z.string().optional(), h: z.string().optional(), d: z.unknown().optional(), cred: z.string().optional(), authvar: z.looseObject({}).optional() }) }) });

export async function startRealtimeDatabase(options: RealtimeDatabaseOptions): Promise<RealtimeDatabase> {
  const ruleset = targaryen.ruleset(publishedRules());
  let database = targaryen.database(ruleset, null);
  const versions = new Map<string, number[]>();
  const clients = new Set<{ socket: WebSocket; listens: Set<string> }>();
  let [puts, ever, silent] = [0, 0, false];
  const judged = (who: Who): targaryen.Database => (who.kind === 'user' ? database.as(who.auth) : database);

  function apply(next: targaryen.Database, paths: string[]): void {
    database = targaryen.database(ruleset, next.root);
    for (const path of paths) {
      const [top, id] = path.split('/').filter((part) => part !== '');
      const node = database.snapshot(path).val();
      if (top === 'chargers' && id !== undefined && typeof node === 'object' && node !== null && 'version' in node) versions.set(id, [...(versions.get(id) ?? []), Number(node.version)]);
      for (const { socket, listens } of clients) for (const listen of listens) if (within(path, listen) || within(listen, path)) push(socket, listen);
    }
  }

  const push = (socket: WebSocket, path: string): void => socket.send(JSON.stringify({ t: 'd', d: { a: 'd', b: { p: path.slice(1), d: database.snapshot(path).val() } } }));

  function answer(client: { socket: WebSocket; listens: Set<string> }, who: { is: Who }, action: string, body: z.infer<typeof Request>['d']['b']): { s: string; d?: unknown } {
    const path = `/${(body.p ?? '').split('/').filter((part) => part !== '').join('/')}`;
    const denied = { s: 'permission_denied', d: 'Permission denied' };
    const isAdmin = who.is.kind === 'admin';
    switch (action) {
      case 's': return { s: 'ok', d: '' };
      case 'gauth':
        if (body.cred === undefined || !options.acceptsAccount(body.cred)) return { s: 'invalid_token', d: 'Could not parse auth token.' };
        who.is = body.authvar === undefined ? { kind: 'admin' } : { kind: 'user', auth: body.authvar };
        return { s: 'ok', d: { auth: body.authvar ?? null } };
      case 'auth': {
        const auth = body.cred === undefined ? null : options.userOf?.(body.cred) ?? null;
        if (auth === null) return { s: 'invalid_token', d: 'Could not parse auth token.' };
        who.is = { kind: 'user', auth };
        return { s: 'ok', d: { auth } };
      }
      case 'unauth': who.is = { kind: 'nobody' }; return { s: 'ok', d: '' };
      case 'q': case 'g':
        if (!isAdmin && !judged(who.is).read(path).allowed) return denied;
        if (action === 'g') return { s: 'ok', d: database.snapshot(path).val() };
        client.listens.add(path);
        push(client.socket, path);
        return { s: 'ok', d: {} };
      case 'n': client.listens.delete(path); return { s: 'ok', d: '' };
      case 'p': case 'm': {
        puts += 1;
        if (body.h !== undefined && body.h !== nodeHash(database.snapshot(path).val())) return { s: 'datastale', d: 'Transaction hash does not match' };
        const patch = action === 'm' ? z.looseObject({}).parse(body.d) : {};
        const result = action === 'p' ? judged(who.is).write(path, body.d ?? null) : judged(who.is).update(path, patch);
        if (!isAdmin && !result.allowed) return denied;
        apply(result.newDatabase, action === 'p' ? [path] : Object.keys(patch).map((key) => `${path}/${key}`));
        return { s: 'ok', d: '' };
      }
      default: return { s: 'error', d: `this server does not know ${action}` };
    }
  }

  function serve(socket: WebSocket, host: string): void {
    const client = { socket, listens: new Set<string>() };
    const who: { is: Who } = { is: { kind: 'nobody' } };
    ever += 1;
    clients.add(client);
    socket.on('close', () => clients.delete(client)).on('error', () => undefined);
    if (silent) return;
    socket.send(JSON.stringify({ t: 'c', d: { t: 'h', d: { ts: Date.now(), v: '5', h: host, s: `session-${ever}` } } }));
    socket.on('message', (data: Buffer) => {
      // "0" keeps the line alive.
      if (silent || String(data) === '0') return;
      const { r, a, b } = Request.parse(JSON.parse(String(data))).d;
      const said = answer(client, who, a, b);
      socket.send(JSON.stringify({ t: 'd', d: { r, b: said } }));
      if ((a === 'gauth' || a === 'auth') && said.s !== 'ok') socket.close();
    });
  }

  let server: ReturnType<typeof createServer>;
  let port = 0;
  async function listen(): Promise<void> {
    server = options.tls ? createTlsServer(options.tls) : createServer();
    server.on('request', (_, response) => response.writeHead(404).end());
    new WebSocketServer({ server, path: '/.ws' }).on('connection', (socket, request) => serve(socket, request.headers.host ?? ''));
    await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
    port = (server.address() as AddressInfo).port;
  }
  async function cut(): Promise<void> {
    for (const { socket } of clients) socket.terminate();
    if (server.listening) await new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); });
  }
  await listen();

  return {
    port, url: `${options.tls ? 'https://localhost' : 'http://127.0.0.1'}:${port}/?ns=demo-mirror`,
    at: (path) => database.snapshot(path).val(),
    versionsOf: (publicId) => versions.get(publicId) ?? [],
    puts: () => puts,
    connections: () => ({ open: clients.size, ever }),
    cut,
    silence: (on) => { silent = on; },
    heal: listen,
    close: cut,
  };
}

const within = (path: string, folder: string): boolean => path === folder || folder === '/' || path.startsWith(`${folder}/`);
