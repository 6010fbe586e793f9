import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Kind } from '../kind.ts';
import { keyOf } from '../object.ts';
import type { ObjectRef } from '../object.ts';
import { Refusal, matches } from './object-store.ts';
import type { ObjectStore, StoreEvent } from './object-store.ts';

const BODY_BYTES_MAX = 1_500_000;
const BOOKMARK_EVERY_MS = 30_000;

interface Target {
  kind: Kind;
  namespace?: string;
  name?: string;
  status: boolean;
}

/** Serves the store over the REST paths of a Kubernetes API server: list, watch, get, apply, delete. Every caller shows the token. */
export function createApiServer(store: ObjectStore, token: string): Server {
  return createServer((request, response) => {
    answer(store, token, request, response).catch((error: unknown) => {
      const refusal = error instanceof Refusal ? error : new Refusal(500, 'InternalError', String(error));
      if (response.headersSent) return void response.end();
      const { status: code, reason, message, details } = refusal;
      send(response, code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message, details });
    });
  });
}

async function answer(store: ObjectStore, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers.authorization !== `Bearer ${token}`) throw new Refusal(401, 'Unauthorized', 'Unauthorized');
  const url = new URL(request.url ?? '/', 'http://local');
  const target = targetOf(store, url.pathname.split('/').filter((part) => part !== '').map(decodeURIComponent));
  if (target === undefined) throw new Refusal(404, 'NotFound', 'The local cluster does not offer this kind.');
  const { kind, namespace, name } = target;
  if (name === undefined) {
    if (request.method !== 'GET') throw new Refusal(405, 'MethodNotAllowed', 'A collection is read only.');
    const selector = url.searchParams.get('labelSelector') ?? undefined;
    if (url.searchParams.get('watch') === 'true') return watch(store, target, selector, url.searchParams, response);
    return send(response, 200, page(store, kind, store.list(kind, { namespace, labelSelector: selector }), url.searchParams));
  }
  const ref: ObjectRef = namespace === undefined ? { name } : { namespace, name };
  if (request.method === 'GET') {
    const object = store.get(kind, ref);
    if (object === undefined) throw new Refusal(404, 'NotFound', `${kind.plural} "${name}" not found`, { name, kind: kind.plural });
    return send(response, 200, object);
  }
  if (request.method === 'PATCH') {
    if (!(request.headers['content-type'] ?? '').startsWith('application/apply-patch')) throw new Refusal(415, 'UnsupportedMediaType', 'Only server-side apply is offered here.');
    const manager = url.searchParams.get('fieldManager');
    if (manager === null) throw new Refusal(422, 'Invalid', 'fieldManager is required for apply.', { name });
    const object = store.apply(kind, ref, await bodyOf(request), { manager, force: url.searchParams.get('force') === 'true', status: target.status });
    return send(response, 200, object);
  }
  if (request.method === 'DELETE') {
    const options: { preconditions?: { uid?: unknown } } = Object(await bodyOf(request));
    const uid = options.preconditions?.uid;
    return send(response, 200, store.delete(kind, ref, typeof uid === 'string' ? uid : undefined));
  }
  throw new Refusal(405, 'MethodNotAllowed', `${request.method} is not offered here.`);
}

/** /api/v1/… or /apis/<group>/<version>/…, then `<plural>`, `<plural>/<name>` or `namespaces/<ns>/<plural>[/<name>[/status]]`. */
function targetOf(store: ObjectStore, parts: string[]): Target | undefined {
  const core = parts[0] === 'api';
  const apiVersion = core ? parts[1] : `${parts[1]}/${parts[2]}`;
  const rest = parts.slice(core ? 2 : 3);
  const inNamespace = rest[0] === 'namespaces' && rest.length > 2;
  const [plural, name, subresource] = inNamespace ? rest.slice(2) : rest;
  const kind = store.kinds.find((each) => each.apiVersion === apiVersion && each.plural === plural);
  if (kind === undefined || (subresource !== undefined && subresource !== 'status')) return undefined;
  if (name !== undefined && kind.namespaced !== inNamespace) return undefined;
  return { kind, ...(inNamespace ? { namespace: rest[1] } : {}), ...(name === undefined ? {} : { name }), status: subresource === 'status' };
}

function page(store: ObjectStore, kind: Kind, items: ReturnType<ObjectStore['list']>, query: URLSearchParams): unknown {
  const after = query.get('continue') ?? '';
  const limit = Number(query.get('limit') ?? Number.POSITIVE_INFINITY);
  const rest = items.filter((item) => keyOf(item.metadata) > after);
  const shown = rest.slice(0, limit);
  const last = shown.at(-1);
  const metadata = { resourceVersion: String(store.version), ...(shown.length < rest.length && last !== undefined ? { continue: keyOf(last.metadata) } : {}) };
  return { apiVersion: kind.apiVersion, kind: `${kind.kind}List`, metadata, items: shown };
}

function watch(store: ObjectStore, target: Target, selector: string | undefined, query: URLSearchParams, response: ServerResponse): void {
  const after = Number(query.get('resourceVersion') ?? store.version);
  const past = store.eventsAfter(target.kind, after);
  if (past === undefined) throw new Refusal(410, 'Expired', `too old resource version: ${after}`);
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const write = (event: StoreEvent): void => {
    if (event.kind !== target.kind || (target.namespace !== undefined && event.object.metadata.namespace !== target.namespace)) return;
    if (matches(event.object, selector)) response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
  };
  past.forEach(write);
  const unsubscribe = store.subscribe(write);
  const bookmark = setInterval(() => {
    const object = { apiVersion: target.kind.apiVersion, kind: target.kind.kind, metadata: { resourceVersion: String(store.version) } };
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object })}\n`);
  }, BOOKMARK_EVERY_MS);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
  response.on('close', () => {
    unsubscribe();
    clearInterval(bookmark);
    clearTimeout(end);
  });
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of request) {
    bytes += chunk.length;
    if (bytes > BODY_BYTES_MAX) throw new Refusal(413, 'RequestEntityTooLarge', 'The body is too large.');
    chunks.push(chunk);
  }
  try {
    return JSON.parse(Buffer.concat(chunks).toString('utf8') || '{}');
  } catch {
    throw new Refusal(400, 'BadRequest', 'The body is not JSON.');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
