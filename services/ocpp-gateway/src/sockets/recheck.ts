import type { Station } from '@csms/domain';

/** What the recheck needs of a session. */
interface Rechecked {
  readonly tenantId: string;
  readonly identity: string;
  readonly stationId: string;
  /** Takes over what may have changed in the books since the station connected. */
  update(station: Station): void;
  finish(code: number, text: string, reason: 'station-removed' | 'certificate-revoked'): Promise<void>;
}

/** 1008, Policy Violation (RFC 6455, 7.4.1). */
const policyViolation = 1008;
/** 1000, Normal Closure (RFC 6455, 7.4.1): nobody is waiting for the peer to come back. */
const normalClosure = 1000;
const tickMs = 1_000;

/**
 * Looks up every connected station again once in `everyMs`, a few a second, which the books answer in one look: a station whose site was deleted, or that was removed, is
 * closed in an orderly way, so is one whose certificate was revoked or has expired since, and a changed registration or heartbeat is taken over. Books that cannot be reached decide nothing. Returns how to stop.
 */
export function startRecheck<S extends Rechecked>(parts: {
  sessions: () => Iterable<S>; count: () => number; find: (tenantId: string, identity: string) => Promise<Station | null>; everyMs: number;
  /** False for a session whose client certificate is not good any more. */
  certificateIsGood?: (session: S) => Promise<boolean>;
}): () => void {
  let round: Iterator<S> = [][Symbol.iterator]();
  let working = false;
  const timer = setInterval(() => {
    if (working) return;
    working = true;
    void recheckSome(Math.ceil((parts.count() * tickMs) / parts.everyMs)).finally(() => { working = false; });
  }, tickMs);
  timer.unref();
  return () => clearInterval(timer);

  async function recheckSome(share: number): Promise<void> {
    const some: S[] = [];
    for (let begun = false; some.length < share;) {
      const next = round.next();
      if (!next.done) { some.push(next.value); continue; }
      round = parts.sessions()[Symbol.iterator]();
      // A round that ends ends this share, so that no session is looked at twice in it.
      if (begun || some.length > 0) break;
      begun = true;
    }
    await Promise.all(some.map(recheck));
  }

  async function recheck(session: S): Promise<void> {
    try {
      const station = await parts.find(session.tenantId, session.identity);
      if (station?.id === session.stationId) {
        session.update(station);
        if (!(await parts.certificateIsGood?.(session) ?? true)) await session.finish(policyViolation, 'the certificate is not good any more', 'certificate-revoked');
      } else await session.finish(normalClosure, 'the station is not registered here any more', 'station-removed');
    } catch {
      // Not known now is not the same as removed.
    }
  }
}
