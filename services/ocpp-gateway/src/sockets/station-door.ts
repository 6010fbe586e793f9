import type { IncomingMessage } from 'node:http';
import type { Duplex } from 'node:stream';
import type { Station, StationBooks } from '@csms/domain';
import type { OcppVersion } from '@csms/ocpp';
import { WebSocketServer, type WebSocket } from 'ws';
import { TokenBucket } from './admission.ts';
import { matchCredential, readBasicPassword } from './basic-auth.ts';
import type { KnockLog } from './knock-log.ts';
import type { Observer } from './observer.ts';
import type { StationDirectory } from './station-directory.ts';
import { readStationPath } from './station-path.ts';
import { maxPayloadBytes } from './station-session.ts';
import { chooseSubprotocol, offeredSubprotocols } from './subprotocol.ts';

export interface DoorParts {
  directory: StationDirectory;
  stations: StationBooks;
  knocks: KnockLog;
  observer: Observer;
  pepper: string;
  defaultTenant: string | null;
  /** What to speak with a station that names no subprotocol; null refuses it. */
  versionWithoutOffer: OcppVersion | null;
  upgradesPerSecond: number;
  upgradesBurst: number;
  connectionsMax: number;
  connectionsNow: () => number;
  authTimeoutMs: number;
  /** False while two devices fight over one identity: the newer one is held off (gateway.md 4.4). */
  admits: (tenantId: string, stationId: string) => boolean;
  now: () => Date;
  /** Chance, for Retry-After: a crowd that is told one time comes back as one crowd. */
  random: () => number;
  /** An authenticated station. Called in the very turn in which its socket opens: attach every listener before returning. */
  onStation: (arrival: { ws: WebSocket; socket: Duplex; station: Station; version: OcppVersion }) => void;
  onError: (error: unknown) => void;
}

interface Refusal { status: 400 | 401 | 404 | 503; reason: string; result: string }

/**
 * The way in for stations, cheapest refusal first (gateway.md 4.1): draining or too many -> 503 before anything is parsed; path -> 400 or 404;
 * subprotocol; credential -> 401, the same for an unknown identity and a wrong password; then the WebSocket.
 */
export class StationDoor {
  readonly #parts: DoorParts;
  readonly #bucket: TokenBucket;
  readonly #webSockets: WebSocketServer;
  #open = true;
  #authenticating = 0;

  constructor(parts: DoorParts) {
    this.#parts = parts;
    this.#bucket = new TokenBucket(parts.upgradesPerSecond, parts.upgradesBurst, parts.now().getTime());
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

  /** An HTTP upgrade request. Never throws and never rejects: nothing that a stranger writes may end the process (D1). */
  upgrade(request: IncomingMessage, socket: Duplex, head: Buffer): void {
    socket.on('error', () => socket.destroy());
    const nowMs = this.#parts.now().getTime();
    if (!this.#open || this.#parts.connectionsNow() + this.#authenticating >= this.#parts.connectionsMax || !this.#bucket.take(nowMs)) {
      this.#refuse(socket, { status: 503, reason: this.#open ? 'too many stations at once' : 'this process is going away', result: this.#open ? 'admission' : 'draining' });
      return;
    }
    this.#authenticating += 1;
    this.#admit(request, socket, head)
      .catch((error: unknown) => {
        this.#parts.onError(error);
        this.#refuse(socket, { status: 503, reason: 'the station cannot be looked up now', result: 'books-unavailable' });
      })
      .finally(() => { this.#authenticating -= 1; });
  }

  async #admit(request: IncomingMessage, socket: Duplex, head: Buffer): Promise<void> {
    const { observer, defaultTenant, versionWithoutOffer } = this.#parts;
    const path = readStationPath(request.url ?? '', defaultTenant);
    if (!path.ok) { this.#refuse(socket, { status: path.status, reason: path.reason, result: 'bad-path' }); return; }

    const chosen = chooseSubprotocol(offeredSubprotocols(request.headers['sec-websocket-protocol']));
    if (chosen.outcome === 'none-common') {
      // OCPP-J 1.6, 3.1.2: complete the handshake without the header, then close.
      observer.handshake('no-common-subprotocol');
      this.#webSockets.handleUpgrade(request, socket, head, (ws) => { ws.on('error', () => ws.terminate()); ws.close(1002, 'no common subprotocol'); });
      return;
    }
    const version = chosen.outcome === 'agreed' ? chosen.version : versionWithoutOffer;
    if (version === null) { this.#refuse(socket, { status: 400, reason: 'Sec-WebSocket-Protocol names no OCPP version', result: 'no-subprotocol' }); return; }

    const station = await this.#authenticate(path, version, request);
    if (station === null) { this.#refuse(socket, { status: 401, reason: 'unknown station or wrong password', result: 'unauthorized' }); return; }
    if (!this.#parts.admits(station.tenantId, station.id)) { this.#refuse(socket, { status: 503, reason: 'another device uses this identity', result: 'held-off' }); return; }
    if (socket.destroyed) { observer.handshake('gone'); return; }
    if (!this.#open) { this.#refuse(socket, { status: 503, reason: 'this process is going away', result: 'draining' }); return; }
    this.#webSockets.handleUpgrade(request, socket, head, (ws) => {
      observer.handshake('accepted');
      this.#parts.onStation({ ws, socket, station, version });
    });
  }

  /** The station whose credential this is, or null. */
  async #authenticate(path: { tenantId: string; identity: string }, version: OcppVersion, request: IncomingMessage): Promise<Station | null> {
    const { directory, stations, knocks, pepper, authTimeoutMs, now } = this.#parts;
    const { tenantId, identity } = path;
    const password = readBasicPassword(request.headers.authorization, identity);
    const station = await within(directory.find(tenantId, identity), authTimeoutMs);
    const match = matchCredential(pepper, password, station);
    if (station !== null && match !== null) {
      if (match === 'next') await stations.credentialUsed(tenantId, station.id, 'next');
      return station;
    }
    const reason = station === null ? 'unknown-station' : password === null ? 'no-credential' : 'wrong-password';
    knocks.record(tenantId, { identity, remoteAddress: request.socket.remoteAddress ?? '', ocppVersion: version, reason, at: now() });
    return null;
  }

  #refuse(socket: Duplex, refusal: Refusal): void {
    this.#parts.observer.handshake(refusal.result);
    if (socket.destroyed) return;
    const extra = refusal.status === 401 ? 'WWW-Authenticate: Basic realm="ocpp", charset="UTF-8"\r\n'
      : refusal.status === 503 ? `Retry-After: ${5 + Math.floor(this.#parts.random() * 25)}\r\n` : '';
    const body = `${refusal.reason}\n`;
    socket.end(`HTTP/1.1 ${refusal.status} ${statusText[refusal.status]}\r\nConnection: close\r\nContent-Type: text/plain\r\n${extra}Content-Length: ${Buffer.byteLength(body)}\r\n\r\n${body}`);
    // Whoever does not read its refusal is not waited for.
    setTimeout(() => socket.destroy(), 5_000).unref();
  }
}

const statusText = { 400: 'Bad Request', 401: 'Unauthorized', 404: 'Not Found', 503: 'Service Unavailable' } as const;

function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`no answer within ${limitMs} ms`)), limitMs);
    promise.then((value) => { clearTimeout(timer); resolve(value); }, (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); });
  });
}
