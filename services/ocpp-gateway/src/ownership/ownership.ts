import type { Bus, InboxEntry, StationBooks } from '@csms/domain';
import { BusUnavailable } from '@csms/domain/command/bus-unavailable';
import type { CloseReason, LiveSession, SessionHooks, SessionRegistry } from '../sockets/session-registry.ts';
import { writePresence } from './presence-writer.ts';
import { countTakeovers } from './takeovers.ts';

/*
 * Which process a station's commands go to. Every socket is claimed on the bus when it opens, beside its first message, and has an epoch from
 * then on: the bus's, or one from our clock while the bus is away. Epochs fence commands and presence, never facts. No socket is ever closed because
 * the bus could not be reached.
 */

export interface OwnershipParts {
  bus: Pick<Bus, 'claim' | 'release' | 'ownerOf' | 'send' | 'holdLease' | 'healthy' | 'onHealth'>;
  registry: SessionRegistry;
  stations: Pick<StationBooks, 'presence' | 'securityEvent'>;
  /** New at every start of the process. */
  gatewayName: string;
  now: () => Date;
  /** Between 0 and 1: spreads the claims of many gateways after the bus came back. */
  random: () => number;
  log: { info(fields: object, message: string): void; warn(fields: object, message: string): void };
  /** csms_gateway_duplicate_connections_total by outcome. */
  onTakeover?: (outcome: 'taken-over' | 'given-up' | 'held-off') => void;
  /** Of one station; with more, whoever comes is held off for a while. */
  takeoversAMinuteMax?: number;
}

export interface Ownership extends SessionHooks {
  /** The entry of another gateway that owns one of our stations now. */
  onKick(entry: InboxEntry): void;
  /** False while two devices fight over this identity: refuse the newer one with 503 and Retry-After (gateway.md 4.4). */
  admits(tenantId: string, stationId: string): boolean;
  /** Call when all sockets are closed: gives up the lease once everything is released and written, or after 3 s. */
  close(): Promise<void>;
}

export const usualTakeoversAMinute = 5;
/** A socket that answered a ping so short a time ago was in use when another one took its place. */
const livelyMs = 10_000;
const claimsInSlice = 50;
const sliceEveryMs = 50;
const tidyEveryMs = 2_000;

export async function startOwnership(parts: OwnershipParts): Promise<Ownership> {
  const { bus, registry, stations, gatewayName, now, log } = parts;
  const { takeoversAMinuteMax = usualTakeoversAMinute } = parts;
  const takeovers = countTakeovers(takeoversAMinuteMax);
  const presence = writePresence(stations, (error) => log.warn({ event: 'presence_not_written', err: error }, 'presence waits for the books'));
  /** What the bus granted each socket last, by socket id. */
  const granted = new Map<string, bigint>();
  const unclaimed = new Set<LiveSession>();
  const claiming = new Set<LiveSession>();
  /** Claims under way that have to be made once more. */
  const claimOnceMore = new Set<LiveSession>();
  const closedFor = new WeakMap<LiveSession, CloseReason>();
  /** Sockets that closed while the bus was away. */
  const unreleased = new Map<string, { tenantId: string; stationId: string; epoch: bigint }>();
  const releasing = new Set<Promise<void>>();
  let reclaiming: Promise<void> | null = null;
  let reclaimAgain = false;
  let stopped = false;

  const keyOf = (session: Pick<LiveSession, 'tenantId' | 'stationId'>): string => `${session.tenantId}/${session.stationId}`;

  function wantPresence(session: LiveSession, online: boolean): void {
    if (session.epoch !== null) presence.want({ tenantId: session.tenantId, stationId: session.stationId, epoch: session.epoch, online, at: now(), ocppVersion: session.version });
  }

  /** `session` lost its place, or for `taken-over` may be the one that took it from another gateway's. */
  function takenOver(session: Pick<LiveSession, 'tenantId' | 'stationId' | 'identity' | 'pongedAtMs'>, outcome: 'taken-over' | 'given-up', lostItsPlace: boolean): void {
    parts.onTakeover?.(outcome);
    if (lostItsPlace && now().getTime() - (session.pongedAtMs ?? -Infinity) <= livelyMs) tellDuplicate(session, 'a socket that had just answered a ping lost its place to another one: two devices with one identity, or somebody else with its password');
    if (!takeovers.count(keyOf(session), now().getTime())) return;
    log.warn({ event: 'duplicate_identity', tenant: session.tenantId, station: session.stationId }, 'two devices use one identity; the newer one is held off');
    tellDuplicate(session, `more than ${takeoversAMinuteMax} sockets in a minute took each other's place; new ones are refused until it is quiet`);
  }

  function tellDuplicate(session: Pick<LiveSession, 'tenantId' | 'stationId' | 'identity'>, detail: string): void {
    stations.securityEvent(session.tenantId, { stationId: session.stationId, identity: session.identity, kind: 'duplicate-identity', at: now(), detail }).catch((error: unknown) => log.warn({ event: 'security_event_not_written', err: error }, 'a security event was not written'));
  }

  async function heldOff(session: LiveSession): Promise<boolean> {
    if (!takeovers.tooMany(keyOf(session), now().getTime())) return false;
    const owner = await bus.ownerOf(session.tenantId, session.stationId);
    return owner !== null && owner.gateway !== gatewayName;
  }

  async function claim(session: LiveSession): Promise<void> {
    if (closedFor.has(session)) return;
    if (claiming.has(session)) { claimOnceMore.add(session); return; }
    claiming.add(session);
    unclaimed.add(session);
    try {
      if (!granted.has(session.socketId) && await heldOff(session)) {
        unclaimed.delete(session);
        parts.onTakeover?.('held-off');
        session.terminate('superseded');
        return;
      }
      const { tenantId, stationId, socketId, connectedAt } = session;
      const result = await bus.claim({ tenantId, stationId, gateway: gatewayName, socketId, connectedAt, epochAbove: session.epoch });
      unclaimed.delete(session);
      if (result.outcome === 'superseded') {
        session.terminate('superseded');
        return;
      }
      granted.set(socketId, result.epoch);
      session.setEpoch(result.epoch);
      const { previous } = result;
      if (previous !== null && previous.gateway !== gatewayName) {
        takenOver(session, 'taken-over', false);
        // A kick that is lost costs nothing: the old socket's commands and presence are fenced by its epoch.
        await bus.send(previous.gateway, { kind: 'kick', tenantId, stationId, epoch: result.epoch }).catch(() => undefined);
      }
      if (!closedFor.has(session)) wantPresence(session, true);
    } catch (error) {
      if (!(error instanceof BusUnavailable)) log.warn({ event: 'claim_failed', err: error }, 'a station could not be claimed; it is tried again');
      goOnWithoutBus(session);
    } finally {
      claiming.delete(session);
      const closed = closedFor.get(session);
      if (closed !== undefined) giveUp(session, closed);
      if (claimOnceMore.delete(session)) void claim(session);
    }
  }

  function goOnWithoutBus(session: LiveSession): void {
    if (session.epoch !== null || closedFor.has(session)) return;
    session.setEpoch(BigInt(now().getTime()));
    wantPresence(session, true);
  }

  function giveUp(session: LiveSession, reason: CloseReason): void {
    const epoch = granted.get(session.socketId);
    granted.delete(session.socketId);
    if (epoch !== undefined) {
      const { tenantId, stationId } = session;
      const work = bus.release(tenantId, stationId, epoch).then(() => undefined, () => void unreleased.set(keyOf(session), { tenantId, stationId, epoch }));
      releasing.add(work);
      void work.finally(() => {
        releasing.delete(work);
        // The claim of a socket that is gone may have come after the claim of the one that took its place, and then it was the station's last one.
        const heir = registry.get(session.tenantId, session.stationId);
        if (heir !== undefined && heir !== session && (heir.epoch === null || heir.epoch < epoch) && !stopped) void claim(heir);
      });
    }
    // Superseded: the newer owner speaks for the station. Replaced: the newer socket of this process does.
    const newer = registry.get(session.tenantId, session.stationId);
    if (reason !== 'superseded' && (newer === undefined || newer === session)) wantPresence(session, false);
  }

  function reclaimAll(): void {
    reclaimAgain = true;
    reclaiming ??= claimInSlices().finally(() => {
      reclaiming = null;
    });
  }

  async function claimInSlices(): Promise<void> {
    while (reclaimAgain && !stopped) {
      reclaimAgain = false;
      for (const [key, { tenantId, stationId, epoch }] of unreleased) {
        await bus.release(tenantId, stationId, epoch).then(() => unreleased.delete(key), () => undefined);
      }
      const sessions = [...new Set([...unclaimed, ...registry.all()])];
      log.info({ event: 'reclaim', sessions: sessions.length }, 'claiming all stations again');
      for (let from = 0; from < sessions.length && !stopped && bus.healthy(); from += claimsInSlice) {
        if (from > 0) await new Promise((resolve) => setTimeout(resolve, sliceEveryMs + sliceEveryMs * parts.random()));
        await Promise.all(sessions.slice(from, from + claimsInSlice).map(claim));
      }
    }
  }

  const endHealth = bus.onHealth((healthy) => {
    if (healthy) reclaimAll();
  });
  const endLease = await bus.holdLease(gatewayName, () => {
    log.warn({ event: 'lease_lost' }, 'the bus had forgotten this gateway');
    reclaimAll();
  });
  const tidying = setInterval(() => {
    takeovers.tidy(now().getTime());
    if (bus.healthy() && reclaiming === null) for (const session of [...unclaimed].slice(0, claimsInSlice)) void claim(session);
  }, tidyEveryMs);
  tidying.unref();

  return {
    onConnected(session) {
      void claim(session);
    },
    onClosed(session, reason) {
      closedFor.set(session, reason);
      unclaimed.delete(session);
      if (reason === 'replaced') takenOver(session, 'taken-over', true);
      else if (reason !== 'superseded') takeovers.forget(keyOf(session));
      // A claim under way gives up, when it ends, what it got.
      if (!claiming.has(session)) giveUp(session, reason);
    },
    onKick(entry) {
      const session = registry.get(entry.tenantId, entry.stationId);
      if (!session || session.epoch === null || session.epoch >= entry.epoch) return;
      takenOver(session, 'given-up', true);
      session.terminate('superseded');
    },
    admits: (tenantId, stationId) => !takeovers.tooMany(`${tenantId}/${stationId}`, now().getTime()),
    async close() {
      stopped = true;
      clearInterval(tidying);
      endHealth();
      await Promise.all([presence.settled(3_000), ...releasing]);
      presence.close();
      await endLease();
    },
  };
}
