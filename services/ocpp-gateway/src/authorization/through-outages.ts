import type { AuthorizationBooks, FactSource, SessionBooks } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import type { OutagePolicies } from './outage-policy.ts';

type Decision = Awaited<ReturnType<AuthorizationBooks['authorize']>>;

export interface ThroughOutagesOptions {
  books: { authorization: AuthorizationBooks; sessions: SessionBooks };
  policies: OutagePolicies;
  /** How long the books may take over a card before memory answers. */
  patienceMs?: number;
  /** The cards that were accepted last are remembered, so many. */
  cardsMax?: number;
  onDecided?: (outcome: 'accepted' | 'refused') => void;
}

/** A card that was accepted is known for so long. */
const knownForMs = 24 * 3_600_000;
/** A start this long after its card was accepted from memory is the start that it was accepted for. */
const startsWithinMs = 3_600_000;

interface KnownCard { validUntil: Date | null; parentUid: string | null; acceptedMs: number }

/**
 * Cards while the books cannot be reached (C-14, F10): the decision is the policy's, from a bounded memory of the cards that were accepted lately, and never
 * waits for more than `patienceMs`. A session that begins on such a decision says so (`offline-authorized`). With the books there they alone decide.
 */
export function authorizeThroughOutages(options: ThroughOutagesOptions): { authorization: AuthorizationBooks; sessions: SessionBooks } {
  const { books, policies, patienceMs = 2_000, cardsMax = 50_000, onDecided = () => {} } = options;
  const known = new LatestMap<KnownCard>(cardsMax);
  /** When memory accepted a card at a station, by both. */
  const lent = new LatestMap<number>(cardsMax);
  const cardKey = (tenantId: string, tokenUid: string): string => `${tenantId}/${tokenUid.toLowerCase()}`;
  const lentKey = (tenantId: string, stationId: string, tokenUid: string): string => `${stationId}/${cardKey(tenantId, tokenUid)}`;

  function fromMemory(tenantId: string, stationId: string, tokenUid: string, at: Date): Decision {
    const card = (policies.byTenant.get(tenantId) ?? policies.usual) === 'known' ? known.get(cardKey(tenantId, tokenUid)) : undefined;
    const holds = card !== undefined && at.getTime() - card.acceptedMs < knownForMs && (card.validUntil === null || card.validUntil > at);
    onDecided(holds ? 'accepted' : 'refused');
    if (!holds) return { status: 'Invalid', validUntil: null, parentUid: null };
    lent.set(lentKey(tenantId, stationId, tokenUid), at.getTime());
    return { status: 'Accepted', validUntil: card.validUntil, parentUid: card.parentUid };
  }

  const authorize: AuthorizationBooks['authorize'] = async (tenantId, stationId, tokenUid, at) => {
    const asked = books.authorization.authorize(tenantId, stationId, tokenUid, at);
    const decision = await within(patienceMs, asked);
    if (decision === null) return fromMemory(tenantId, stationId, tokenUid, at);
    if (decision.status === 'Accepted') known.set(cardKey(tenantId, tokenUid), { validUntil: decision.validUntil, parentUid: decision.parentUid, acceptedMs: at.getTime() });
    // At work elsewhere is no word about the card itself.
    else if (decision.status !== 'ConcurrentTx') known.delete(cardKey(tenantId, tokenUid));
    lent.delete(lentKey(tenantId, stationId, tokenUid));
    return decision;
  };

  const onCredit = (source: FactSource, tokenUid: string | null): boolean => {
    const atMs = tokenUid === null ? undefined : lent.get(lentKey(source.tenantId, source.stationId, tokenUid));
    return atMs !== undefined && source.receivedAt.getTime() - atMs < startsWithinMs;
  };
  return {
    authorization: { ...books.authorization, authorize },
    sessions: {
      ...books.sessions,
      start: async (source, fact) => {
        const outcome = await books.sessions.start(source, onCredit(source, fact.tokenUid) ? { ...fact, authorizedWithoutBooks: true } : fact);
        // Written: the next one is a decision of its own. Until then a repetition must say the same.
        lent.delete(lentKey(source.tenantId, source.stationId, fact.tokenUid));
        return outcome;
      },
      transactionEvent: async (source, fact) => {
        if (fact.kind !== 'Started' || fact.tokenUid === null) return books.sessions.transactionEvent(source, fact);
        const outcome = await books.sessions.transactionEvent(source, onCredit(source, fact.tokenUid) ? { ...fact, authorizedWithoutBooks: true } : fact);
        lent.delete(lentKey(source.tenantId, source.stationId, fact.tokenUid));
        return outcome;
      },
    },
  };
}

/** What the books decide; null where they cannot be reached, or not within `limitMs`. Rejects with any other error. */
function within(limitMs: number, asked: Promise<Decision>): Promise<Decision | null> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(null), limitMs);
    asked.then((decision) => resolve(decision), (error: unknown) => { if (error instanceof BooksUnavailable) resolve(null); else reject(error instanceof Error ? error : new Error(String(error))); })
      .finally(() => clearTimeout(timer));
  });
}

/** A map of the entries that were set last; the oldest make room. */
class LatestMap<Value> {
  readonly #max: number;
  #entries = new Map<string, Value>();

  constructor(max: number) { this.#max = max; }

  get(key: string): Value | undefined { return this.#entries.get(key); }
  delete(key: string): void { this.#entries.delete(key); }

  set(key: string, value: Value): void {
    this.#entries.delete(key);
    this.#entries.set(key, value);
    if (this.#entries.size > this.#max) for (const oldest of this.#entries.keys()) { this.#entries.delete(oldest); break; }
  }
}
