import { RPCClient, createRPCError } from 'ocpp-rpc';
import { backoffDelayMs, type BackoffRule } from './backoff.ts';
import { object, type Json } from './fields.ts';
import { deviate, isDeviant } from './deviations.ts';
import type { StationBehaviour } from './station/behaviour.ts';
import type { Cancel, ClockPort, RandomPort } from './ports.ts';

export type Subprotocol = 'ocpp1.6' | 'ocpp2.0.1';

/** How a CALL of ours ended. */
export type CallOutcome =
  | { kind: 'answered'; answer: Json }
  | { kind: 'refused'; code: string; description: string }
  | { kind: 'unanswered'; reason: string };

/** Where a connection goes and by what it shows who it is; asked for at each attempt. */
export interface Way {
  /** Address without the identity: ws://host:9220/ocpp/demo */
  url: string;
  /** Basic auth (security profile 1 and 2); the user name is the identity. */
  password?: string | Buffer;
  /** For wss: what is trusted and shown; PEM. */
  tls?: { ca?: string[]; cert?: string; key?: string };
}

/** Why a connection could not be made. */
export type ConnectFailure = 'unauthorized' | 'server-certificate' | 'tls-version' | 'tls-cipher' | 'other';

export interface LinkOptions {
  /** Address without the identity: ws://host:9220/ocpp/demo */
  url: string;
  identity: string;
  /** Basic auth (security profile 1 and 2); the user name is the identity. */
  password?: string;
  /** In place of `url` and `password`, where they may change. */
  way?: () => Way;
  subprotocol: Subprotocol;
  clock: ClockPort;
  random: RandomPort;
  backoff?: BackoffRule;
  callTimeoutMs?: number;
  /** How it misbehaves on the wire. With a deviation nothing is checked against the schemas, in either direction. */
  behaviour?: StationBehaviour;
  pingIntervalMs?: number;
  onOpen: () => void;
  onClosed: (reason: string) => void;
  /** Answers a CALL of the CSMS. @throws NotImplementedAction for an action that this charger has not */
  onCall: (action: string, params: Json) => Promise<Json>;
  /** A connection attempt failed; it will be tried again after `delayMs`. */
  onRetry?: (reason: string, delayMs: number) => void;
  /** A connection could not be made; heard before the next way is asked for. */
  onConnectFailed?: (failure: ConnectFailure, reason: string) => void;
}

export interface Link {
  readonly connected: boolean;
  /** Connects and stays connected until `close` or `cut`. */
  open(): void;
  /** Sends a CALL with a fresh message id. Never rejects; one CALL is in flight at a time. */
  call(action: string, params: object): Promise<CallOutcome>;
  /** Ends the socket without a close frame and stays away until `open`: the cable is cut. */
  cut(): void;
  /** Closes in an orderly way and stays closed. */
  close(): Promise<void>;
  /** Closes in an orderly way and connects anew at once; the way is asked for again. */
  reconnect(): Promise<void>;
}

export class NotImplementedAction extends Error {
  override readonly name = 'NotImplementedAction';
}

/** An action that exists and that this charger was set up without. */
export class NotSupportedAction extends Error {
  override readonly name = 'NotSupportedAction';
}

/** A connection that stood this long was a good one. */
const steadyMs = 5_000;

const defaultBackoff: BackoffRule = { firstMs: 500, maxMs: 30_000, jitter: 0.5 };

/**
 * One charger's line to its CSMS over ocpp-rpc in strict mode: whatever does not fit the OCPP schema is not sent and
 * not believed. A connection is made anew (a new client) each time, so that nothing of a lost one is sent later.
 */
export function createLink(options: LinkOptions): Link {
  const { clock, random } = options;
  const backoff = options.backoff ?? defaultBackoff;
  const behaviour = options.behaviour ?? {};
  const wayNow = options.way ?? ((): Way => ({ url: options.url, password: options.password }));
  let wanted = false;
  let client: RPCClient | undefined;
  let connected = false;
  let attempt = 0;
  let connectedAtMs = 0;
  let cancelRetry: Cancel | undefined;

  function newClient(): RPCClient {
    const way = wayNow();
    const created = new RPCClient({
      identity: options.identity,
      endpoint: way.url.replace(/\/+$/, ''),
      password: null,
      protocols: [options.subprotocol],
      strictMode: !isDeviant(behaviour),
      strictModeValidators: [],
      reconnect: false,
      maxReconnects: 0,
      callTimeoutMs: options.callTimeoutMs ?? 30_000,
      callConcurrency: behaviour.callsInFlightMax ?? 1,
      pingIntervalMs: options.pingIntervalMs ?? 30_000,
      deferPingsOnActivity: true,
      respondWithDetailedErrors: false,
      maxBadMessages: 50,
      wsOpts: { handshakeTimeout: 15_000, perMessageDeflate: false, autoPong: !behaviour.neverPong, minVersion: 'TLSv1.2', ...way.tls },
      headers: way.password === undefined ? {} : { authorization: basicAuth(options.identity, way.password) },
      backoff: { initialDelay: 1_000, maxDelay: 10_000, factor: 2, randomisationFactor: 0.25 },
    });
    created.handle(async ({ method, params }) => {
      try {
        return { ...(await options.onCall(method ?? '', object(params ?? {}, 'params'))) };
      } catch (error) {
        if (error instanceof NotImplementedAction) throw createRPCError('NotImplemented', error.message, {});
        if (error instanceof NotSupportedAction) throw createRPCError('NotSupported', error.message, {});
        throw createRPCError('InternalError', error instanceof Error ? error.message : String(error), {});
      }
    });
    created.on('close', (event: { code?: number; reason?: string }) => {
      // A connection that never stood is told by the rejection of connect, which knows the reason.
      if (client === created && connected) lost(`closed ${event.code ?? ''} ${event.reason ?? ''}`.trim());
    });
    // A socket error is followed by the close; without a listener it would be nothing either, but say so here.
    created.on('socketError', () => undefined);
    return created;
  }

  function connect(): void {
    cancelRetry = undefined;
    if (!wanted || client) return;
    const created = newClient();
    client = created;
    created.connect().then(
      () => {
        if (client !== created) return;
        connected = true;
        connectedAtMs = clock.monotonicMs();
        options.onOpen();
      },
      (error: unknown) => {
        dropResponse(error);
        if (client !== created) return;
        options.onConnectFailed?.(failureOf(error), describe(error));
        lost(describe(error));
      },
    );
  }

  function lost(reason: string): void {
    client = undefined;
    const wasConnected = connected;
    connected = false;
    if (wasConnected) options.onClosed(reason);
    if (!wanted || cancelRetry) return;
    // One that lets in and throws out at once is not come back to at full speed.
    if (wasConnected && clock.monotonicMs() - connectedAtMs >= steadyMs) attempt = 0;
    attempt += 1;
    const delayMs = backoffDelayMs(backoff, attempt, random);
    options.onRetry?.(reason, delayMs);
    cancelRetry = clock.schedule(delayMs, connect);
  }

  function stopTrying(): RPCClient | undefined {
    wanted = false;
    cancelRetry?.();
    cancelRetry = undefined;
    const leaving = client;
    client = undefined;
    const wasConnected = connected;
    connected = false;
    if (wasConnected) options.onClosed('closed by the charger');
    return leaving;
  }

  return {
    get connected() {
      return connected;
    },
    open() {
      if (wanted) return;
      wanted = true;
      attempt = 0;
      connect();
    },
    async call(action, params) {
      const used = client;
      if (!used || !connected) return { kind: 'unanswered', reason: 'not connected' };
      try {
        return { kind: 'answered', answer: object(await used.call(action, deviate({ action, params: { ...params } }, behaviour).params), 'answer') };
      } catch (error) {
        const code = errorCodeOf(error);
        return code === undefined ? { kind: 'unanswered', reason: describe(error) } : { kind: 'refused', code, description: describe(error) };
      }
    },
    cut() {
      const leaving = stopTrying();
      void leaving?.close({ force: true, code: 1006 });
    },
    async close() {
      const leaving = stopTrying();
      await leaving?.close({ code: 1000, reason: 'charger stops', awaitPending: false });
    },
    async reconnect() {
      if (!wanted) return;
      const leaving = stopTrying();
      wanted = true;
      attempt = 0;
      await leaving?.close({ code: 1000, reason: 'charger reconnects', awaitPending: false });
      connect();
    },
  };
}

/** RFC 7617; a password may be any bytes (security whitepaper, A00.FR.205), which ocpp-rpc's own option does not take. */
function basicAuth(identity: string, password: string | Buffer): string {
  return `Basic ${Buffer.concat([Buffer.from(`${identity}:`), Buffer.from(password)]).toString('base64')}`;
}

/** The OCPP error code of a refusal. By its field: Node cannot import ocpp-rpc's error classes by name from its CommonJS. */
function errorCodeOf(error: unknown): string | undefined {
  if (typeof error !== 'object' || error === null || !('rpcErrorCode' in error)) return undefined;
  return typeof error.rpcErrorCode === 'string' ? error.rpcErrorCode : undefined;
}

/** By the codes of Node's TLS and of the HTTP answer. */
function failureOf(error: unknown): ConnectFailure {
  const code = typeof error === 'object' && error !== null && 'code' in error ? error.code : undefined;
  if (code === 401) return 'unauthorized';
  if (typeof code !== 'string') return 'other';
  if (/CERT|ISSUER|UNABLE_TO_VERIFY|SELF_SIGNED/.test(code)) return 'server-certificate';
  if (/PROTOCOL/.test(code) && /SSL/.test(code)) return 'tls-version';
  return /CIPHER|HANDSHAKE_FAILURE/.test(code) ? 'tls-cipher' : 'other';
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message || error.name : String(error);
}

/** ocpp-rpc leaves the response of a refused upgrade open; nobody reads it, so it is ended here. */
function dropResponse(error: unknown): void {
  if (typeof error !== 'object' || error === null || !('response' in error)) return;
  const { response } = error;
  if (typeof response === 'object' && response !== null && 'destroy' in response && typeof response.destroy === 'function') response.destroy();
}
