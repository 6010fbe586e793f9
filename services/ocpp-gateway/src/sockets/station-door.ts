import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import { toleranceOf } from '@csms/domain/tolerance/tolerance-of';
import type { OcppVersion } from '@csms/ocpp';
import { WebSocketServer, type WebSocket } from 'ws';
import { ArrivalBudget } from './arrival-budget.ts';
import type { Observer } from './observer.ts';
import { authenticateStation, type AuthenticationParts, type Entry } from './station-authentication.ts';
import { sourceOf } from './source-of.ts';
import type { Knocker, StationAdmission, Wait } from './station-admission.ts';
import { readStationPath, type PathReading } from './station-path.ts';
import { maxPayloadBytes } from './station-session.ts';
import { chooseSubprotocol, offeredSubprotocols } from './subprotocol.ts';

/** The port that a station came through. */
export interface StationWay extends PathReading {
  tls: boolean;
  /** What to speak with a station that names no subprotocol; null refuses it. */
  versionWithoutOffer: OcppVersion | null;
  /** Whose a path without a tenant is under this Host header; null: the port's. */
  tenantOfHost: (host: string | undefined) => string | null;
}

export interface DoorParts extends AuthenticationParts {
  observer: Observer;
  upgradesPerSecond: number;
  upgradesBurst: number;
  connectionsMax: number;
  connectionsNow: () => number;
  admission: StationAdmission;
  /** False while two devices fight over one identity: the newer one is held off (gateway.md 4.4). */
  admits: (tenantId: string, stationId: string) => boolean;
  /** Chance, for Retry-After: a crowd that is told one time comes back as one crowd. */
  random: () => number;
  /** An authenticated station. Called in the very turn in which its socket opens: attach every listener before returning. */
  onStation: (arrival: Entry & { ws: WebSocket; socket: Duplex; version: OcppVersion }) => void;
  onError: (error: unknown) => void;
}

interface Refusal { status: 400 | 401 | 404 | 429 | 503; reason: string; result: string; retryAfterS?: number }

/**
 * The way in for stations, cheapest refusal first (gateway.md 4.1): draining or too many sockets -> 503 before anything is parsed; path -> 400 or 404; too many
 * arrivals, of this address or of all -> 503; subprotocol; credential, certificate and security profile -> 401, the same for everybody who may not come in, or
 * 429 where that was too often; then the WebSocket.
 */
export class StationDoor {
  readonly #parts: DoorParts;
  readonly #upgrades: ArrivalBudget;
  readonly #handshakes: ArrivalBudget;
  readonly #webSockets: WebSocketServer;
  #open = true;
  #authenticating = 0;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#upgrades = new ArrivalBudget(parts.upgradesPerSecond, parts.upgradesBurst, parts.now().getTime());
    this.#handshakes = new ArrivalBudget(parts.upgradesPerSecond, parts.upgradesBurst, parts.now().getTime());
    this.#webSockets = new WebSocketServer({
      noServer: true, clientTracking: false, perMessageDeflate: false, maxPayload: maxPayloadBytes,
      handleProtocols: (offered) => {
        const chosen = chooseSubprotocol(offered);
        return chosen.outcome === 'agreed' ? chosen.name : false;
      },
    });
  }

  /** From now on every upgrade is told to come back later. */
  shut(): void { this.#open = false; }

  /**
   * May a TLS handshake begin? It costs six times what the rest of an arrival does, so a crowd has to be held off before it: a 503 behind it would spare
   * nothing. Whoever is not admitted is cut, and the stations that are connected do not feel the crowd.
   */
  admitsHandshake(remoteAddress: string): boolean {
    const source = sourceOf(remoteAddress);
    if (this.#handshakes.take(source, this.#parts.admission.handshakeTerms(source), this.#parts.now().getTime()) === 'taken') return true;
    this.#parts.observer.handshake('admission');
    return false;
  }

  /** An HTTP upgrade request. Never throws and never rejects: nothing that a stranger writes may end the process (D1). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, way: StationWay): void {
    socket.on('error', () => socket.destroy());
    if (!this.#open) { this.#refuse(socket, { status: 503, reason: 'this process is going away', result: 'draining' }); return; }
    if (this.#parts.connectionsNow() + this.#authenticating >= this.#parts.connectionsMax) { this.#refuse(socket, tooManyAtOnce); return; }
    const path = readStationPath(request.url ?? '', { paths: way.paths, defaultTenant: way.tenantOfHost(request.headers.host) ?? way.defaultTenant });
    if (!path.ok) { this.#refuse(socket, { status: path.status, reason: path.reason, result: 'bad-path' }); return; }
    const knocker = { tenantId: path.tenantId, identity: path.identity, source: sourceOf(request.socket.remoteAddress) };
    const arrival = this.#arrive(knocker, way.tls);
    if ('refusal' in arrival) { arrival.refusal(socket); return; }
    this.#authenticating += 1;
    this.#admit({ request, socket, head, way, knocker, proved: arrival.proved })
      .catch((error: unknown) => {
        this.#parts.onError(error);
        this.#refuse(socket, { status: 503, reason: 'the station cannot be looked up now', result: 'books-unavailable' });
      })
      .finally(() => { this.#authenticating -= 1; });
  }

  /** Its part of the arrivals, or why there is none for it now. */
  #arrive(knocker: Knocker, tls: boolean): { proved: () => void } | { refusal: (socket: Duplex) => void } {
    const { admission, now } = this.#parts;
    const { source } = knocker;
    const nowMs = now().getTime();
    const terms = admission.terms(knocker, nowMs);
    const giveBackHandshake = (): void => { if (tls) this.#handshakes.giveBack(source, admission.handshakeTerms(source)); };
    const taken = this.#upgrades.take(source, terms, nowMs);
    if (taken === 'taken') return { proved: () => { this.#upgrades.giveBack(source, terms); giveBackHandshake(); } };
    if (taken === 'all-used-up') giveBackHandshake();
    const waiting = taken === 'share-used-up' ? admission.waiting(knocker, nowMs) : null;
    return { refusal: (socket) => { if (waiting === null) this.#refuse(socket, tooManyAtOnce); else this.#holdBack(socket, waiting); } };
  }

  async #admit({ request, socket, head, way, knocker, proved }: { request: IncomingMessage; socket: Duplex; head: Buffer; way: StationWay; knocker: Knocker; proved: () => void }): Promise<void> {
    const { observer, admission } = this.#parts;
    const chosen = chooseSubprotocol(offeredSubprotocols(request.headers['sec-websocket-protocol']));
    if (chosen.outcome === 'none-common') {
      // OCPP-J 1.6, 3.1.2: complete the handshake without the header, then close.
      observer.handshake('no-common-subprotocol');
      this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
        ws.on('error', () => ws.terminate());
        ws.close(1002, 'no common subprotocol');
        // Whoever does not answer the closing handshake has proved nothing and is not waited for.
        setTimeout(() => ws.terminate(), 2_000).unref();
      });
      return;
    }
    const offered = chosen.outcome === 'agreed' ? chosen.version : way.versionWithoutOffer;
    const entry = await authenticateStation(this.#parts, knocker, offered, request, way.tls);
    if (entry === null) { this.#refuseUnproved(socket, knocker); return; }
    proved();
    const { station } = entry;
    // Only a station that has proved who it is hears what its make is allowed.
    const version = offered ?? toleranceOf(station).withoutSubprotocol;
    if (version === null) { this.#refuse(socket, { status: 400, reason: 'Sec-WebSocket-Protocol names no OCPP version', result: 'no-subprotocol' }); return; }
    const tooOften = admission.proved(knocker, this.#parts.now().getTime());
    if (tooOften !== null) { this.#holdBack(socket, tooOften); return; }
    if (!this.#parts.admits(station.tenantId, station.id)) { this.#refuse(socket, { status: 503, reason: 'another device uses this identity', result: 'held-off' }); return; }
    if (socket.destroyed) { observer.handshake('gone'); return; }
    if (!this.#open) { this.#refuse(socket, { status: 503, reason: 'this process is going away', result: 'draining' }); return; }
    this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
      observer.handshake('accepted');
      this.#parts.onStation({ ws, socket, version, ...entry });
    });
  }

  /** 401, or 429 for who failed too often: a right password would have been let in with either, so neither says more than the other (C-06). */
  #refuseUnproved(socket: Duplex, knocker: Knocker): void {
    const { admission, stations, onError, now } = this.#parts;
    const at = now();
    const { waiting, lockedOut } = admission.failed(knocker, at.getTime());
    if (lockedOut) {
      // Of a name that nobody registered the books keep none.
      stations.securityEvent(knocker.tenantId, { stationId: null, identity: knocker.identity, kind: 'rate-limited', detail: 'too many failed handshakes with its identity from one address', at }).catch(onError);
    }
    if (waiting !== null) this.#holdBack(socket, waiting);
    else this.#refuse(socket, { status: 401, reason: 'unknown station or wrong password', result: 'unauthorized' });
  }

  /** The same words for everybody, whoever is known here. */
  #holdBack(socket: Duplex, { scope, waitMs }: Wait): void {
    this.#parts.observer.limited(scope);
    this.#refuse(socket, { status: 429, reason: 'too many attempts', result: 'rate-limited', retryAfterS: Math.ceil(waitMs / 1000) });
  }

  #refuse(socket: Duplex, refusal: Refusal): void {
    this.#parts.observer.handshake(refusal.result);
    if (socket.destroyed) return;
    const extra = refusal.status === 401 ? 'WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"\r\n'
      : refusal.status === 503 || refusal.retryAfterS !== undefined ? `Retry-After: ${refusal.retryAfterS ?? 5 + Math.floor(this.#parts.random() * 25)}\r\n` : '';
    const body = `${refusal.reason}\n`;
    socket.end(`HTTP/1.1 ${refusal.status} ${statusText[refusal.status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n${extra}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    // Whoever does not read its refusal is not waited for.
    setTimeout(() => socket.destroy(), 5_000).unref();
  }
}

const tooManyAtOnce: Refusal = { status: 503, reason: 'too many stations at once', result: 'admission' };

const statusText = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 429: 'Too Many Requests', 503: 'Service Unavailable' } as const;
