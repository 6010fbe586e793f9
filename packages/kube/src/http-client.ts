import { Agent, request } from 'undici';
import type { Dispatcher } from 'undici';
import { ClusterError, NOT_OFFERED, UNREADABLE } from './client.ts';
import type { ApplyOptions, ClusterClient, ListOptions, ListPage, WatchEvent, WatchOptions } from './client.ts';
import { pause, systemClock } from './clock.ts';
import type { Clock } from './clock.ts';
import { groupPath, pathOf } from './kind.ts';
import type { Kind } from './kind.ts';
import { at, isKubernetesObject, isRecord, listAt, numberAt, stringAt } from './object.ts';
import type { KubernetesObject, ObjectRef } from './object.ts';

/** How to reach one API server: its origin, one shared connection pool, and the headers that say who asks (they may expire). */
export interface Transport {
  origin: string;
  dispatcher: Dispatcher;
  headers(): Promise<Record<string, string>>;
  /** The headers of before were refused (401): the next ones are made anew. Absent: they never change. */
  renew?(): void;
}

/**
 * The transport of a local cluster's address. A token travels as the user part (`http://<token>@127.0.0.1:1234`), so that one
 * setting holds all that a process needs.
 */
export function urlTransport(address: string): Transport {
  const url = new URL(address);
  const token = decodeURIComponent(url.username);
  const headers: Record<string, string> = token === '' ? {} : { authorization: `Bearer ${token}` };
  return { origin: url.origin, dispatcher: new Agent({ connections: 8 }), headers: async () => headers };
}

const RETRIES_WHEN_TOO_MANY = 4;
/** A write that has no answer by then counts as failed: shorter than a leader's lease outlives its last renewal, so that none lands in another's time. */
const WRITE_TIMEOUT_MS = 4000;
const READ_TIMEOUT_MS = 30_000;
/** A stream without a byte for this long is a dead socket: API servers send a bookmark about once a minute. */
const SILENT_WATCH_MS = 90_000;

/** A ClusterClient over the Kubernetes REST paths. Bodies are raw JSON: no generated model ever drops a field it does not know. */
export class HttpClusterClient implements ClusterClient {
  #transport: Transport;
  #clock: Clock;
  #onRequest: (method: string, status: number) => void;
  #silentWatchMs: number;

  constructor(transport: Transport, options: { clock?: Clock; onRequest?: (method: string, status: number) => void; silentWatchMs?: number } = {}) {
    this.#transport = transport;
    this.#clock = options.clock ?? systemClock;
    this.#silentWatchMs = options.silentWatchMs ?? SILENT_WATCH_MS;
    this.#onRequest = options.onRequest ?? (() => undefined);
  }

  async close(): Promise<void> {
    await this.#transport.dispatcher.destroy();
  }

  async get(kind: Kind, ref: ObjectRef): Promise<KubernetesObject | undefined> {
    try {
      return asObject(await this.#json('GET', pathOf(kind, ref.namespace, ref.name)));
    } catch (error) {
      if (error instanceof ClusterError && error.status === 404 && error.reason !== NOT_OFFERED) return undefined;
      throw error;
    }
  }

  async list(kind: Kind, options: ListOptions = {}): Promise<ListPage> {
    const query = queryOf({ labelSelector: options.labelSelector, limit: options.limit, continue: options.continueToken });
    const body = await this.#json('GET', pathOf(kind, options.namespace) + query);
    const items = at(body, 'items');
    if (!Array.isArray(items)) throw new ClusterError(502, 'BadAnswer', `The cluster's list of ${kind.plural} has no items.`);
    const continueToken = stringAt(body, 'metadata', 'continue');
    return {
      // Items of a list leave out what the list says once.
      items: items.map((item) => asObject(isRecord(item) ? { apiVersion: kind.apiVersion, kind: kind.kind, ...item } : item)),
      resourceVersion: stringAt(body, 'metadata', 'resourceVersion') ?? '',
      ...(continueToken === undefined || continueToken === '' ? {} : { continueToken }),
    };
  }

  async *watch(kind: Kind, options: WatchOptions = {}): AsyncIterable<WatchEvent> {
    const query = queryOf({
      watch: 'true',
      allowWatchBookmarks: 'true',
      labelSelector: options.labelSelector,
      resourceVersion: options.resourceVersion,
      timeoutSeconds: options.timeoutSeconds,
    });
    const answer = await this.#send('GET', pathOf(kind, options.namespace) + query, { signal: options.signal });
    try {
      for await (const line of lines(answer.body)) yield watchEvent(kind, line);
    } catch (error) {
      if (options.signal?.aborted !== true) throw error;
    }
  }

  async apply(kind: Kind, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const path = pathOf(kind, object.metadata.namespace, object.metadata.name);
    return asObject(await this.#json('PATCH', path + applyQuery(options), object));
  }

  async applyStatus(kind: Kind, object: KubernetesObject, options: ApplyOptions): Promise<KubernetesObject> {
    const path = pathOf(kind, object.metadata.namespace, object.metadata.name, 'status');
    return asObject(await this.#json('PATCH', path + applyQuery(options), object));
  }

  async overwrite(kind: Kind, object: KubernetesObject, options: Pick<ApplyOptions, 'fieldManager'>): Promise<KubernetesObject> {
    const path = pathOf(kind, object.metadata.namespace, object.metadata.name);
    const answer = await this.#send('PATCH', path + queryOf({ fieldManager: options.fieldManager, fieldValidation: 'Strict' }), { body: object, type: 'application/merge-patch+json' });
    return asObject(await answer.body.json());
  }

  async delete(kind: Kind, ref: ObjectRef, options: { uid?: string } = {}): Promise<boolean> {
    const body = {
      kind: 'DeleteOptions',
      apiVersion: 'v1',
      propagationPolicy: 'Background',
      ...(options.uid === undefined ? {} : { preconditions: { uid: options.uid } }),
    };
    try {
      await this.#json('DELETE', pathOf(kind, ref.namespace, ref.name), body);
      return true;
    } catch (error) {
      if (error instanceof ClusterError && error.status === 404 && error.reason !== NOT_OFFERED) return false;
      throw error;
    }
  }

  async resources(apiVersion: string): Promise<string[]> {
    try {
      return listAt(await this.#json('GET', groupPath(apiVersion)), 'resources').flatMap((each) => stringAt(each, 'name') ?? []);
    } catch (error) {
      if (error instanceof ClusterError && error.status === 404) return [];
      throw error;
    }
  }

  async #json(method: 'GET' | 'PATCH' | 'DELETE', path: string, body?: unknown): Promise<unknown> {
    const answer = await this.#send(method, path, { body });
    return answer.body.json();
  }

  async #send(method: 'GET' | 'PATCH' | 'DELETE', path: string, extra: { body?: unknown; signal?: AbortSignal | undefined; type?: string }): Promise<Dispatcher.ResponseData> {
    const type = extra.type !== undefined ? extra.type : method === 'PATCH' ? 'application/apply-patch+yaml' : 'application/json';
    let renewed = false;
    for (let attempt = 0; ; attempt += 1) {
      const answer = await request(this.#transport.origin + path, {
        method,
        dispatcher: this.#transport.dispatcher,
        headers: { accept: 'application/json', ...(extra.body === undefined ? {} : { 'content-type': type }), ...(await this.#transport.headers()) },
        ...(extra.body === undefined ? {} : { body: JSON.stringify(extra.body) }),
        ...(extra.signal === undefined ? {} : { signal: extra.signal }),
        headersTimeout: method === 'GET' ? READ_TIMEOUT_MS : WRITE_TIMEOUT_MS,
        bodyTimeout: this.#silentWatchMs,
      });
      this.#onRequest(method, answer.statusCode);
      if (answer.statusCode < 300) return answer;
      const error = errorOf(answer.statusCode, answer.headers['retry-after'], await answer.body.text());
      if (answer.statusCode === 401 && !renewed && this.#transport.renew !== undefined) {
        renewed = true;
        this.#transport.renew();
        continue;
      }
      if (answer.statusCode !== 429 || attempt >= RETRIES_WHEN_TOO_MANY) throw error;
      await pause(this.#clock, error.retryAfterMs ?? 1000 * 2 ** attempt, extra.signal);
    }
  }
}

function watchEvent(kind: Kind, line: string): WatchEvent {
  const event = parsed(kind, line);
  const type = at(event, 'type');
  const object = at(event, 'object');
  if (type === 'BOOKMARK') return { type, resourceVersion: stringAt(object, 'metadata', 'resourceVersion') ?? '' };
  if (type === 'ADDED' || type === 'MODIFIED' || type === 'DELETED') return { type, object: asObject(object) };
  throw new ClusterError(numberAt(object, 'code') ?? 500, stringAt(object, 'reason') ?? 'WatchFailed', stringAt(object, 'message') ?? `The watch of ${kind.plural} failed.`);
}

function parsed(kind: Kind, line: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new ClusterError(502, UNREADABLE, `The watch of ${kind.plural} sent a line that is not JSON.`);
  }
}

function asObject(value: unknown): KubernetesObject {
  if (!isKubernetesObject(value)) throw new ClusterError(502, 'BadAnswer', 'The cluster answered with something that is not an object.');
  return value;
}

/**
 * An API server answers 404 in two senses. A missing object's Status names it in `details.name`; a path that it does not serve
 * gets plain text or a Status without a name.
 */
function errorOf(status: number, retryAfter: string | string[] | undefined, text: string): ClusterError {
  let body: unknown;
  try {
    body = JSON.parse(text);
  } catch {
    body = undefined;
  }
  const message = stringAt(body, 'message') ?? (text.trim() || `The cluster answered ${status}.`);
  const about = stringAt(body, 'details', 'name');
  const reason = status === 404 && about === undefined ? NOT_OFFERED : (stringAt(body, 'reason') ?? 'Unknown');
  const seconds = typeof retryAfter === 'string' ? Number(retryAfter) : Number.NaN;
  return new ClusterError(status, reason, message, { retryAfterMs: Number.isFinite(seconds) ? seconds * 1000 : undefined, about });
}

function queryOf(fields: Record<string, string | number | undefined>): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(fields)) if (value !== undefined) query.set(name, String(value));
  return query.size === 0 ? '' : `?${query}`;
}

const applyQuery = (options: ApplyOptions): string =>
  queryOf({ fieldManager: options.fieldManager, force: options.force === true ? 'true' : undefined, fieldValidation: 'Strict' });

async function* lines(body: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    let end = rest.indexOf('\n');
    while (end >= 0) {
      const line = rest.slice(0, end).trim();
      rest = rest.slice(end + 1);
      if (line !== '') yield line;
      end = rest.indexOf('\n');
    }
  }
}
