import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { AuthorizationBooks, CertificateBooks, CertificateName, FirmwareBooks, SessionBooks, StationBooks, ToleranceBooks } from '@csms/domain';
import { toleranceOf } from '@csms/domain/tolerance/tolerance-of';
import { compileProtocol, type OcppVersion } from '@csms/ocpp';
import type { WebSocket } from 'ws';
import { inboundHandlers } from '../profiles/inbound.ts';
import { usualPatience, type Patience } from './answer-call.ts';
import type { ClientCertificates } from './client-certificate.ts';
import { closeInSlices, refuseForAWhile, type DrainPace } from './drain.ts';
import { DeviationLog } from './deviation-log.ts';
import { KnockLog } from './knock-log.ts';
import { openListeners, type ListenersOptions, type OpenPorts } from './listeners.ts';
import { noClientCertificates } from './no-client-certificates.ts';
import type { Observer } from './observer.ts';
import type { MessageRate } from './message-throttle.ts';
import { OverdueWatch } from './overdue-watch.ts';
import type { SharedCount } from './rate-limit.ts';
import { startRecheck } from './recheck.ts';
import { StationSockets, type CloseReason, type LiveSession, type SessionHooks, type SessionRegistry } from './session-registry.ts';
import { SocketWire } from './socket-wire.ts';
import { sourceOf } from './source-of.ts';
import { StationAdmission, usualAdmission, type AdmissionLimits } from './station-admission.ts';
import type { Entry } from './station-authentication.ts';
import { StationDirectory } from './station-directory.ts';
import { StationDoor } from './station-door.ts';
import { StationSession, usualLimits, type SessionLimits, type SessionSetting } from './station-session.ts';
import { Sweeper } from './sweeper.ts';
import type { TlsMaterial } from './tls-context.ts';
import { UnwrittenFacts } from './unwritten-facts.ts';

export interface StationServerOptions extends ListenersOptions {
  pepper: string;
  /** Who judges the certificates of stations (profile 3); absent: none is good. */
  clientCertificates?: ClientCertificates;
  /** How soon a station that was removed from the books, or whose certificate was revoked, loses its socket at the latest; absent: 2 minutes. */
  recheckEveryMs?: number;
  /** Limits of attempts (C-08), and how all gateways count them together; absent: the usual ones, counted alone. */
  admission?: AdmissionLimits;
  sharedCount?: SharedCount | null;
  /** How fast a station may talk; absent or null: as fast as it likes. */
  messageRate?: MessageRate | null;
  connectionsMax: number;
  upgradesPerSecond?: number;
  upgradesBurst?: number;
  answerTimeoutMs?: number;
  limits?: SessionLimits;
  patience?: Patience;
  books: { stations: StationBooks; sessions: SessionBooks; authorization: AuthorizationBooks; firmware: FirmwareBooks; tolerance: ToleranceBooks; certificates: Pick<CertificateBooks, 'trust' | 'requestSigning'> };
  observer: Observer;
  log: { warn: (fields: object, text: string) => void; error: (fields: object, text: string) => void };
}

/** Who hears of sessions, and who may hold a station off for a while. */
export interface SessionSide extends SessionHooks {
  admits?: (tenantId: string, stationId: string) => boolean;
}

export interface StationServer {
  registry: SessionRegistry;
  connections(): number;
  /** Opens the ports, and resolves with the number of the plain one, or of the TLS one where there is no plain one. Rejects when one is taken. */
  listen(side?: SessionSide): Promise<number>;
  /** The numbers of the open ports. */
  ports(): OpenPorts;
  /** From now on new TLS connections get these certificates. Throws, and changes nothing, where they cannot be used. */
  useCertificates(material: TlsMaterial): void;
  /** Lets nobody in, closes every socket in slices with 1012 once its work is done, and resolves when all are gone or its time is over. */
  drain(pace: Pick<DrainPace, 'drainMs'> & Partial<DrainPace>): Promise<void>;
}

const usualRecheckMs = 120_000;
/** How old what is remembered of stations may be when the books go away. */
const refreshEveryMs = 30_000;

/** Ends of a socket that say that its messages were not valid. */
const invalidWays: ReadonlySet<CloseReason> = new Set(['bad-messages', 'message-too-big', 'protocol-error']);

/** The server of stations, with every schema compiled, not yet listening. */
export function createStationServer(options: StationServerOptions): StationServer {
  const { books, observer, log } = options;
  const limits = options.limits ?? usualLimits;
  const sockets = new StationSockets<StationSession>();
  const clientCertificates = options.clientCertificates ?? noClientCertificates;
  const certificates = new WeakMap<StationSession, CertificateName>();
  const sweeper = new Sweeper<StationSession>(limits.pingIntervalMs);
  const overdue = new OverdueWatch();
  const unwritten = new UnwrittenFacts({ onDropped: () => log.error({ event: 'fact-dropped' }, 'a status or boot could not be kept: too many wait for the books, or they refuse it') });
  const knocks = new KnockLog(books.stations, (error) => log.warn({ event: 'knock-lost', err: error }, 'a knock could not be written down'));
  const deviations = new DeviationLog({ books: books.tolerance, observer, onLost: (error) => log.warn({ event: 'deviations-late', err: error }, 'deviations could not be written down yet') });
  const settingOf = (version: OcppVersion): SessionSetting => ({
    protocol: compileProtocol(version), handlers: inboundHandlers(version), books, observer, deviations, limits, overdue, patience: options.patience ?? usualPatience,
    now: () => new Date(), newMessageId: randomUUID, answerTimeoutMs: options.answerTimeoutMs ?? 30_000, later: (key, write) => unwritten.keep(key, write), onFailure: logFailure,
  });
  const settings: Record<OcppVersion, SessionSetting> = { 'ocpp1.6': settingOf('ocpp1.6'), 'ocpp2.0.1': settingOf('ocpp2.0.1') };
  let stopRecheck = (): void => {};
  let stopRefreshing = (): void => {};
  let side: SessionSide = { onConnected: () => {}, onClosed: () => {} };

  const admission = new StationAdmission(options.admission ?? usualAdmission, options.sharedCount ?? null);
  const directory = new StationDirectory(books.stations);
  const door = new StationDoor({
    admission,
    directory, stations: books.stations, knocks, observer, later: (key, write) => unwritten.keep(key, write),
    pepper: options.pepper, clientCertificates,
    upgradesPerSecond: options.upgradesPerSecond ?? 500, upgradesBurst: options.upgradesBurst ?? 1_000,
    connectionsMax: options.connectionsMax, connectionsNow: () => sockets.size, authTimeoutMs: 10_000,
    now: () => new Date(), random: Math.random, onStation: openSession, admits: (tenantId, stationId) => side.admits?.(tenantId, stationId) ?? true,
    onError: (error) => log.warn({ event: 'handshake-failed', err: error }, 'a station could not be let in'),
  });

  function openSession({ ws, socket, station, version, profile, certificate }: Entry & { ws: WebSocket; socket: Duplex; version: OcppVersion }): void {
    const { tenantId, id, identity, heartbeatIntervalS, registration } = station;
    const wire = new SocketWire(ws, socket as Socket, options.messageRate ?? null);
    const session = new StationSession(settings[version], {
      wire, station: { tenantId, id, identity, heartbeatIntervalS, registration }, tolerance: toleranceOf(station), socketId: randomUUID(), connectedAt: new Date(),
    });
    let failure: CloseReason | null = null;
    ws.on('message', (data) => {
      const pace = wire.heard();
      if (pace === 'usual' || mayGoOn(session, pace)) session.message(data as Buffer);
    });
    ws.on('pong', () => session.pong());
    ws.on('error', (error) => { failure = reasonOf(error); });
    ws.on('close', (code) => {
      sockets.leave(session);
      sweeper.remove(session);
      session.ended();
      const reason = session.closeReason ?? failure ?? (code === 1006 ? 'error' : 'station');
      observer.closed(session.tenantId, session.version, profile, reason, (Date.now() - session.connectedAt.getTime()) / 1000);
      side.onClosed(session, reason);
      if (invalidWays.has(reason)) noteEvent(session, 'invalid-message', `the socket was closed for it: ${reason}`);
    });
    if (certificate !== null) certificates.set(session, certificate);
    const previous = sockets.enter(session);
    sweeper.add(session);
    observer.opened(session.tenantId, session.version, profile);
    previous?.terminate('replaced');
    side.onConnected(session);
  }

  /** A station that talks faster than it may. True: its message counts, and it is not read for a while; false: its socket ends here. */
  function mayGoOn(session: StationSession, pace: 'slowed' | 'too-much'): boolean {
    observer.limited('messages');
    if (pace === 'slowed' || session.closeReason !== null) return session.closeReason === null;
    session.terminate('too-many-messages');
    noteEvent(session, 'rate-limited', 'faster than it may be for a long time, without waiting for answers');
    return false;
  }

  function noteEvent(session: StationSession, kind: 'rate-limited' | 'invalid-message', detail: string): void {
    books.stations.securityEvent(session.tenantId, { stationId: session.stationId, identity: session.identity, kind, detail, at: new Date() })
      .catch((error: unknown) => log.warn({ event: 'security-event-lost', err: error }, 'a security event could not be written down'));
  }

  function logFailure(session: LiveSession, action: string, error: unknown): void {
    log.error({ event: 'call-failed', tenant: session.tenantId, station: session.identity, action, err: error }, 'a call of a station could not be answered');
  }

  const listeners = openListeners(options, {
    upgrade: (request, socket, head, way) => door.upgrade(request, socket, head, way),
    admitsConnection: (remoteAddress, tls) => {
      if (!tls) return true;
      if (admission.admitsConnection(sourceOf(remoteAddress), Date.now())) return door.admitsHandshake(remoteAddress);
      observer.limited('tls-source');
      return false;
    },
    handshakeFailed: (remoteAddress, error) => {
      observer.handshake('tls-failed');
      // A peer that went away, as many do in a storm, is no failure of its own.
      if ('code' in error && String(error.code).startsWith('ERR_SSL_')) admission.tlsFailed(sourceOf(remoteAddress), Date.now());
    },
  });

  return {
    registry: sockets,
    connections: () => sockets.size,
    listen: async (given) => {
      if (given !== undefined) side = given;
      const port = await listeners.listen();
      sweeper.start();
      stopRefreshing = directory.keepFresh(refreshEveryMs);
      stopRecheck = startRecheck({
        sessions: () => sockets.all(), count: () => sockets.size, everyMs: options.recheckEveryMs ?? usualRecheckMs,
        find: (tenantId, identity) => books.stations.find(tenantId, identity),
        certificateIsGood: async (session) => {
          const certificate = certificates.get(session);
          return certificate === undefined || clientCertificates.stillGood(session.tenantId, certificate, new Date());
        },
      });
      return port;
    },
    ports: listeners.ports,
    useCertificates: listeners.useCertificates,
    drain: async (given) => {
      const pace: DrainPace = { perSecond: 50, shareAtOnce: 1, refuseMs: 0, ...given };
      const count = (): number => sockets.size;
      door.shut();
      stopRecheck();
      stopRefreshing();
      const refusedMs = await refuseForAWhile(pace, count);
      listeners.close();
      await closeInSlices({ sessions: () => sockets.all(), count, drainMs: pace.drainMs - refusedMs, perSecond: pace.perSecond, shareAtOnce: pace.shareAtOnce, random: Math.random });
      sweeper.stop();
      await knocks.settled();
      await unwritten.flush();
      unwritten.close();
      deviations.close();
      await deviations.flush();
      overdue.close();
    },
  };
}

function reasonOf(error: Error & { code?: string }): CloseReason {
  if (error.code === 'WS_ERR_UNSUPPORTED_MESSAGE_LENGTH') return 'message-too-big';
  return error.code?.startsWith('WS_ERR') ? 'protocol-error' : 'error';
}
