import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { ClusterError } from '../client.ts';
import { targetOf, type Kind, type Target } from '../kind.ts';
import { keyOf, stringAt } from '../object.ts';
import { matches } from '../selector.ts';
import { notFound, type ObjectStore, type StoreEvent } from './object-store.ts';

const BODY_CHARACTERS_MAX = 1_500_000;
const BOOKMARK_EVERY_MS = 30_000;

/** Serves the store over the REST paths of a Kubernetes API server: list, watch, get, apply, delete. Every caller shows the token. */
export function createApiServer(store: ObjectStore, token: string): Server {
  return createServer((request, response) => {
    answer(store, token, request, response).catch((error: unknown) => {
      const { status: code, reason, message, about } = error instanceof ClusterError ? error : new ClusterError(500, 'InternalError', String(error));
      if (response.headersSent) return void response.end();
      send(response, code, { apiVersion: 'v1', kind: 'Status', status: 'Failure', code, reason, message, details: { name: about } });
    });
  });
}

async function answer(store: ObjectStore, token: string, request: IncomingMessage, response: ServerResponse): Promise<void> {
  if (request.headers.authorization !== `Bearer ${token}`) throw new ClusterError(401, 'Unauthorized', 'Unauthorized');
  const url = new URL(request.url ?? '/', 'http://local');
  const target = targetOf(store.kinds, url.pathname);
  if (target === undefined) throw new ClusterError(404, 'NotFound', 'The local cluster does not offer this kind.');
  const { kind, namespace, name } = target;
  if (name === undefined) {
    if (request.method !== 'GET') throw new ClusterError(405, 'MethodNotAllowed', 'A collection is read only.');
    const selector = url.searchParams.get('labelSelector') ?? undefined;
    if (url.searchParams.get('watch') === 'true') return watch(store, target, selector, url.searchParams, response);
    return send(response, 200, page(store, kind, store.list(kind, { namespace, labelSelector: selector }), url.searchParams));
  }
  const ref = namespace === undefined ? { name } : { namespace, name };
  if (request.method === 'GET') {
    const object = store.get(kind, ref);
    if (object !== undefined) return send(response, 200, object);
    throw notFound(kind, ref);
  }
  if (request.method === 'PATCH') {
    if (!(request.headers['content-type'] ?? '').startsWith('application/apply-patch')) throw new ClusterError(415, 'UnsupportedMediaType', 'Only server-side apply is offered here.');
    const manager = url.searchParams.get('fieldManager');
    if (manager === null) throw new ClusterError(422, 'Invalid', 'fieldManager is required for apply.');
    const force = url.searchParams.get('force') === 'true';
    return send(response, 200, store.apply(kind, ref, await bodyOf(request), { manager, force, status: target.subresource === 'status' }));
  }
  if (request.method === 'DELETE') return send(response, 200, store.delete(kind, ref, stringAt(await bodyOf(request), 'preconditions', 'uid')));
  throw new ClusterError(405, 'MethodNotAllowed', `${request.method} is not offered here.`);
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
  const past = store.eventsAfter(target.kind, Number(query.get('resourceVersion') ?? store.version));
  if (past === undefined) throw new ClusterError(410, 'Expired', 'too old resource version');
  response.writeHead(200, { 'content-type': 'application/json' });
  response.flushHeaders();
  const write = (event: StoreEvent): void => {
    if (event.kind !== target.kind || (target.namespace !== undefined && event.object.metadata.namespace !== target.namespace)) return;
    if (matches(event.object, selector)) response.write(`${JSON.stringify({ type: event.type, object: event.object })}\n`);
  };
  past.forEach(write);
  const unsubscribe = store.subscribe(write);
  const bookmark = setInterval(() => {
    response.write(`${JSON.stringify({ type: 'BOOKMARK', object: { metadata: { resourceVersion: String(store.version) } } })}\n`);
  }, BOOKMARK_EVERY_MS);
  const end = setTimeout(() => response.end(), Number(query.get('timeoutSeconds') ?? 300) * 1000);
  response.on('close', () => (unsubscribe(), clearInterval(bookmark), clearTimeout(end)));
}

async function bodyOf(request: IncomingMessage): Promise<unknown> {
  let text = '';
  for await (const chunk of request.setEncoding('utf8')) {
    text += chunk;
    if (text.length > BODY_CHARACTERS_MAX) throw new ClusterError(413, 'RequestEntityTooLarge', 'The body is too large.');
  }
  try {
    return JSON.parse(text || '{}');
  } catch {
    throw new ClusterError(400, 'BadRequest', 'The body is not JSON.');
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(body));
}
