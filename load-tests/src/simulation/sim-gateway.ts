import { decideAuthorization } from '@csms/domain/authorization/decide';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { strict } from '@csms/domain/tolerance/tolerance-of';
import type { AuthorizationBooks, Bus, CommandLedger, SessionBooks, Station, StationBooks } from '@csms/domain';
import { compileProtocol, type OcppVersion } from '@csms/ocpp';
import { startCommandInbox, type CommandInbox } from '@csms/ocpp-gateway/commands/command-inbox';
import { startOwnership, type Ownership } from '@csms/ocpp-gateway/ownership/ownership';
import { inboundHandlers } from '@csms/ocpp-gateway/profiles/inbound';
import { readAnswer, translateCommand } from '@csms/ocpp-gateway/profiles/outgoing';
import { usualPatience } from '@csms/ocpp-gateway/sockets/answer-call';
import { silentObserver } from '@csms/ocpp-gateway/sockets/observer';
import { OverdueWatch } from '@csms/ocpp-gateway/sockets/overdue-watch';
import { StationSockets } from '@csms/ocpp-gateway/sockets/session-registry';
import { StationSession, usualLimits, type SessionSetting } from '@csms/ocpp-gateway/sockets/station-session';
import { UnwrittenFacts } from '@csms/ocpp-gateway/sockets/unwritten-facts';
import type { LaneFact } from '@csms/store/books/facts';
import { Lane, usualLane } from '@csms/store/books/lane';
import type { SimSocket } from './sim-socket.ts';
import { never, type World } from './world.ts';

const protocols = { 'ocpp1.6': compileProtocol('ocpp1.6'), 'ocpp2.0.1': compileProtocol('ocpp2.0.1') };
const handlers = { 'ocpp1.6': inboundHandlers('ocpp1.6'), 'ocpp2.0.1': inboundHandlers('ocpp2.0.1') };
const quiet = { info: () => undefined, warn: () => undefined };

/** A gateway process: the real sessions, ownership and command inbox over the twins. It may die at any await of a port. */
export class SimGateway {
  readonly name: string;
  readonly sockets = new StationSockets<StationSession>();
  dead = false;
  readonly #world: World;
  readonly #lines = new Set<SimSocket>();
  readonly #ledger: CommandLedger;
  readonly #onPresence: (stationId: string) => void;
  #bus: Bus | null = null;
  #ownership: Ownership | null = null;
  #inbox: CommandInbox | null = null;
  #settings: Record<OcppVersion, SessionSetting> | null = null;
  #sweep: NodeJS.Timeout | null = null;

  constructor(world: World, ledger: CommandLedger, onPresence: (stationId: string) => void) {
    this.#world = world;
    this.name = world.newId('gateway');
    this.#ledger = ledger;
    this.#onPresence = onPresence;
  }

  async start(): Promise<void> {
    const { sockets: registry, name: gatewayName } = this;
    this.#bus = this.#world.bus.view();
    const bus = this.#port<Bus>(this.#bus, ['healthy', 'onHealth', 'holdLease', 'receive', 'onWake', 'kind', 'close']);
    const { stations, sessions, authorization } = this.#books();
    const unwritten = new UnwrittenFacts();
    const now = (): Date => new Date();
    const rest = {
      stations, sessions, authorization, firmware: { firmwareStatus: async () => {}, uploadStatus: async () => {} }, certificates: { trust: async () => null, requestSigning: async () => 'accepted' as const },
    };
    const settingOf = (version: OcppVersion): SessionSetting => ({
      protocol: protocols[version], handlers: handlers[version], books: rest, observer: silentObserver, limits: usualLimits, overdue: new OverdueWatch(), patience: usualPatience, now,
      deviations: { note: () => {}, example: () => {}, keep: async () => { throw new Error('no station of the simulation says what nobody understands'); } }, newMessageId: () => this.#world.newId('ours'), answerTimeoutMs: 30_000,
      later: (key, write) => unwritten.keep(key, write), onFailure: () => {},
    });
    this.#settings = { 'ocpp1.6': settingOf('ocpp1.6'), 'ocpp2.0.1': settingOf('ocpp2.0.1') };
    this.#ownership = await startOwnership({ bus, registry, stations, gatewayName, now, random: this.#world.random, log: quiet });
    const { onKick } = this.#ownership;
    this.#inbox = await startCommandInbox({
      bus, registry, ledger: this.#port<CommandLedger>(this.#ledger, []), translate: translateCommand, readAnswer, gatewayName, now, log: quiet,
      onKick: (entry) => { if (!this.dead) onKick(entry); },
    });
    this.#sweep = setInterval(() => { for (const session of [...registry.all()]) session.inspect(this.#world.time.nowMs); }, usualLimits.pingIntervalMs);
  }

  /** Lets a station in on this line; false where two devices fight over its identity. */
  accept(station: Pick<Station, 'tenantId' | 'id' | 'identity' | 'heartbeatIntervalS' | 'registration'>, version: OcppVersion, line: SimSocket, atStation: { text(text: string): void; closed(): void }): boolean {
    const ownership = this.#ownership;
    if (this.dead || ownership === null || !ownership.admits(station.tenantId, station.id)) return false;
    const session = new StationSession(this.#settings![version], { wire: line.wire(), station, tolerance: strict, socketId: this.#world.newId('socket'), connectedAt: new Date() });
    this.#lines.add(line);
    line.ends = {
      atStation,
      atGateway: {
        text: (text) => { if (!this.dead) session.message(Buffer.from(text)); },
        pong: () => { if (!this.dead) session.pong(); },
        closed: () => {
          this.#lines.delete(line);
          if (this.dead) return;
          this.sockets.leave(session);
          session.ended();
          ownership.onClosed(session, session.closeReason ?? 'station');
        },
      },
    };
    const previous = this.sockets.enter(session);
    previous?.terminate('replaced');
    ownership.onConnected(session);
    return true;
  }

  /** kill -9: its sockets break, its lease runs out, and nothing that it was about to do happens. */
  crash(): void {
    if (this.dead) return;
    this.dead = true;
    for (const line of this.#lines) line.close('gateway');
    for (const session of this.sockets.all()) session.ended();
    if (this.#sweep !== null) clearInterval(this.#sweep);
    void this.#inbox?.close();
    void this.#ownership?.close();
    // It renews and reads no more; its lease lasts its time.
    void this.#bus?.close();
  }

  /** One await of a port: it takes its time, and the process may die in it. */
  async #hop(): Promise<void> {
    if (this.#world.chance(this.#world.weather.crashAtAwait)) this.crash();
    if (this.dead) return never();
    await this.#world.sleep(this.#world.between(1, 12));
    if (this.dead) return never();
  }

  /** A port through which each call takes a hop on the way there and one on the way back. */
  #port<P extends object>(target: P, direct: readonly (keyof P)[]): P {
    return new Proxy(target, {
      get: (object, name) => {
        const member = Reflect.get(object, name) as unknown;
        if (typeof member !== 'function') return member;
        const call = member.bind(object) as (...given: unknown[]) => unknown;
        if (direct.includes(name as keyof P)) return call;
        return async (...given: unknown[]) => {
          await this.#hop();
          const answer = await call(...given);
          await this.#hop();
          return answer;
        };
      },
    });
  }

  #books(): { stations: StationBooks; sessions: SessionBooks; authorization: AuthorizationBooks } {
    const { tables, weather } = this.#world;
    const lane = new Lane<LaneFact>(async (facts) => {
      await this.#hop();
      if (this.#world.booksAway || this.#world.chance(weather.commitFails)) throw new BooksUnavailable('a commit');
      const outcomes = await tables.commit(facts);
      for (const fact of facts) if (fact.kind === 'presence') this.#onPresence(fact.stationId);
      // Written, and nobody is told: the connection broke before the word of COMMIT came.
      if (this.#world.chance(weather.commitAnswerLost)) throw new BooksUnavailable('a commit');
      await this.#hop();
      return outcomes;
    }, usualLane);
    const put = (fact: LaneFact): Promise<never> => lane.put(fact) as Promise<never>;
    return {
      stations: {
        find: async () => null, tenantExists: async () => true, knocked: async () => {}, credentialUsed: async () => {}, securityProfileUsed: async () => {}, securityEvent: async () => {},
        boot: (source, fact) => put({ kind: 'boot', source, fact }),
        status: (source, fact) => put({ kind: 'status', source, fact }),
        presence: (_tenantId, stationId, epoch, online, at, ocppVersion) => put({ kind: 'presence', stationId, epoch, online, at, ocppVersion }),
        seen: (_tenantId, stationId, at) => { put({ kind: 'seen', stationId, at }).catch(() => undefined); },
      },
      sessions: {
        start: (source, fact) => put({ kind: 'start', source, fact }),
        stop: (source, fact) => put({ kind: 'stop', source, fact }),
        transactionEvent: (source, fact) => put({ kind: 'event', source, fact }),
        readings: (source, readings, payload) => put({ kind: 'readings', source, readings, payload }),
      },
      authorization: {
        authorize: async (_tenantId, stationId, tokenUid, at) => {
          await this.#hop();
          if (this.#world.booksAway) throw new BooksUnavailable('a look-up of a card');
          const token = tables.tokens.get(tokenUid.toLowerCase()) ?? null;
          return { status: decideAuthorization(token, tables.openOf(tokenUid.toLowerCase()), at, { sessionId: null, stationId }), validUntil: null, parentUid: null };
        },
      },
    };
  }
}
