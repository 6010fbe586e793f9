import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CommandCreate, Command, LabProof, LabState, Me, ModelList, Overview, Session, SessionCurve, SessionExplanation, Site, SiteForecast, Station, Tariff } from '@csms/contracts/http/index';
import { Enrolment, EnrolmentAccept } from '@csms/contracts/http/drivers';
import { Knocking } from '@csms/contracts/http/stations';
import { Token } from '@csms/contracts/http/commerce';
import { LiveEvent, type LiveChange } from '@csms/contracts/live';
import { z } from 'zod';
import { fixtureData, type FixtureData } from './fixture-data.ts';

/** How the whole API behaves: as it should, with nothing in it, slower than a reader's patience, broken, or forbidding. */
export type FixtureMood = 'full' | 'empty' | 'slow' | 'broken' | 'forbidden';

export interface FixtureApi {
  url: string;
  data: FixtureData;
  setMood(mood: FixtureMood): void;
  /** Sends one live event to every open stream. */
  emit(changes: LiveChange[]): void;
  /** Cuts every stream; new ones are refused until `restoreStreams`. */
  cutStreams(): void;
  restoreStreams(): void;
  close(): Promise<void>;
}

/**
 * The API for looking at screens: every answer passes the contract's own schema, so a screen that works here was fed nothing that the real API
 * may not say. It checks no token and keeps no facts; whole-process tests use the real one.
 */
export async function startFixtureApi(nowMs = Date.now()): Promise<FixtureApi> {
  const data = fixtureData(nowMs);
  const streams = new Set<ServerResponse>();
  let mood: FixtureMood = 'full';
  let refuseStreams = false;
  let eventId = 100;

  const page = <T>(schema: z.ZodType<T>, items: T[], query: URLSearchParams): unknown => {
    const limit = Number(query.get('limit') ?? 50);
    const offset = Number(query.get('cursor') ?? 0);
    const all = mood === 'empty' ? [] : items;
    return z.object({ items: z.array(schema), nextCursor: z.string().nullable() }).parse({ items: all.slice(offset, offset + limit), nextCursor: offset + limit < all.length ? String(offset + limit) : null });
  };

  function answer(path: string, query: URLSearchParams): unknown {
    const [noun, id, part] = path.split('/').slice(3);
    const site = query.get('siteId');
    if (noun === 'me') return Me.parse(data.me);
    if (noun === 'sites') return page(Site, data.sites, query);
    if (noun === 'overview') return Overview.parse(mood === 'empty' ? { ...data.overview, attention: [] } : data.overview);
    if (noun === 'stations' && id === undefined) {
      const status = query.get('status');
      const search = query.get('search')?.toLowerCase();
      return page(Station, data.stations.filter((each) => (site === null || each.siteId === site) && (status === null || each.worst === status) && (search === undefined || `${each.identity} ${each.displayName ?? ''}`.toLowerCase().includes(search))), query);
    }
    if (noun === 'stations' && id === 'knocking') return page(Knocking, data.knocking, query);
    if (noun === 'stations') return found(Station, data.stations.find((each) => each.id === id));
    if (noun === 'sessions' && id === undefined) {
      const state = query.get('state');
      const station = query.get('stationId');
      return page(Session, data.sessions.filter((each) => (site === null || each.siteId === site) && (state === null || each.state === state) && (station === null || each.stationId === station)), query);
    }
    if (noun === 'sessions' && part === 'curve') return found(SessionCurve, data.curves.get(id ?? ''));
    if (noun === 'sessions' && part === 'explanation') return found(SessionExplanation, data.explanations.get(id ?? ''));
    if (noun === 'sessions') return found(Session, data.sessions.find((each) => each.id === id));
    if (noun === 'commands') return page(Command, data.commands.filter((each) => each.stationId === query.get('stationId')), query);
    if (noun === 'enrolments') return found(Enrolment, data.enrolment);
    if (noun === 'tokens') return page(Token, data.tokens, query);
    if (noun === 'tariffs') return page(Tariff, data.tariffs, query);
    if (noun === 'forecasts') return found(SiteForecast, data.forecasts.get(id ?? ''));
    if (noun === 'models') return ModelList.parse(mood === 'empty' ? { items: [], runs: [] } : data.models);
    if (noun === 'lab' && id === 'state') return LabState.parse(data.lab);
    if (noun === 'lab' && id === 'proof') return LabProof.parse(data.proof);
    return undefined;
  }

  async function handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? '/', 'http://fixture');
    if (url.pathname === '/api/v1/events') {
      if (refuseStreams) { response.writeHead(503).end(); return; }
      response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
      response.write(': open\n\n');
      streams.add(response);
      response.once('close', () => streams.delete(response));
      return;
    }
    const isMe = url.pathname === '/api/v1/me';
    if (!isMe && mood === 'broken') { problem(response, 500, 'internal-error', 'Something went wrong'); return; }
    if (!isMe && mood === 'forbidden' && !url.pathname.startsWith('/api/v1/sites')) { problem(response, 403, 'forbidden', 'Forbidden'); return; }
    if (!isMe && mood === 'slow') await new Promise((resolve) => response.once('close', resolve));
    if (response.destroyed) return;
    if (request.method !== 'GET') {
      const body: unknown = JSON.parse(await text(request));
      if (url.pathname.endsWith('/commands')) {
        const { command } = CommandCreate.parse(body);
        const at = new Date().toISOString();
        const created = Command.parse({ id: crypto.randomUUID(), stationId: url.pathname.split('/')[4], action: command.action, payload: command, state: 'sent', idempotencyKey: String(request.headers['idempotency-key']), createdBy: 'Budi Santoso', createdAt: at, deadlineAt: new Date(Date.now() + 30_000).toISOString(), sentAt: at, answeredAt: null, result: null, detail: null, lateResult: null, sessionId: command.action === 'remote-stop' ? command.sessionId : null });
        data.commands.unshift(created);
        json(response, 201, created);
        return;
      }
      if (url.pathname.endsWith('/enrolments')) {
        const station = found(Station, data.stations.find((each) => each.id === url.pathname.split('/')[4]));
        data.enrolment = Enrolment.parse({ id: crypto.randomUUID(), stationId: Station.parse(station).id, stationIdentity: Station.parse(station).identity, state: 'open', openedAt: new Date().toISOString(), expiresAt: new Date(Date.now() + 60_000).toISOString(), openedBy: 'Budi Santoso', uidMasked: null, offeredAt: null, tokenId: null });
        json(response, 201, data.enrolment);
        return;
      }
      if (url.pathname.endsWith('/acceptance') && data.enrolment) {
        const { driverName } = EnrolmentAccept.parse(body);
        const token = Token.parse({ ...data.tokens[0], id: crypto.randomUUID(), uidMasked: data.enrolment.uidMasked, driverName });
        data.tokens.unshift(token);
        json(response, 201, token);
        return;
      }
      if (url.pathname === '/api/v1/lab/actions') { json(response, 200, { ok: true, message: 'done' }); return; }
      problem(response, 501, 'not-in-fixture', 'Not in the fixture');
      return;
    }
    const body = answer(url.pathname, url.searchParams);
    if (body === undefined) problem(response, 404, 'not-found', 'Not found');
    else json(response, 200, body);
  }

  const server = createServer((request, response) => {
    handle(request, response).catch((error: unknown) => problem(response, 500, 'fixture-broke', error instanceof Error ? error.message : String(error)));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    data,
    setMood: (next) => { mood = next; },
    emit(changes) {
      const event = LiveEvent.parse({ id: String(eventId++), at: new Date().toISOString(), changes });
      for (const stream of streams) stream.write(`id: ${event.id}\nevent: change\ndata: ${JSON.stringify(event)}\n\n`);
    },
    cutStreams() { refuseStreams = true; for (const stream of streams) stream.destroy(); },
    restoreStreams() { refuseStreams = false; },
    close: () => new Promise((resolve) => { server.close(() => resolve()); server.closeAllConnections(); }),
  };
}

function found<T>(schema: z.ZodType<T>, value: unknown): T | undefined {
  return value === undefined ? undefined : schema.parse(value);
}
function json(response: ServerResponse, status: number, body: unknown): void {
  response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body));
}
function problem(response: ServerResponse, status: number, code: string, title: string): void {
  if (response.headersSent) { response.destroy(); return; }
  response.writeHead(status, { 'content-type': 'application/problem+json' }).end(JSON.stringify({ type: 'about:blank', title, status, code, traceId: '4bf92f3577b34da6a3ce929d0e0e4736' }));
}
async function text(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(Buffer.from(chunk as Uint8Array));
  return Buffer.concat(chunks).toString('utf8');
}
