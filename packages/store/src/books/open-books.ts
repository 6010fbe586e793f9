import type { AuthorizationBooks, FactSource, SessionBooks, StationBooks } from '@csms/domain';
import { decideAuthorization } from '@csms/domain/authorization/decide';
import type pg from 'pg';
import { bookedFact } from '../cards/card-gate.ts';
import type { CardKeys } from '../cards/card-keys.ts';
import { offerCard } from '../cards/enrolment-rows.ts';
import { openCertificateBooks } from '../certificates/gateway-certificates.ts';
import { openCommandLedger } from '../commands/command-ledger.ts';
import { openLeftBehindBooks } from '../commands/left-behind.ts';
import { openFirmwareBooks } from '../firmware/firmware-books.ts';
import { inTenant } from '../in-tenant.ts';
import { writeSecurityEvent } from '../security-events/security-event-rows.ts';
import { openPool } from '../open-pool.ts';
import { readPendingCredential } from '../station-security.ts';
import { openToleranceBooks } from '../quarantine/tolerance-books.ts';
import { commitBatch } from './commit-batch.ts';
import type { LaneFact, Outcomes } from './facts.ts';
import { Liveness } from './liveness.ts';
import { Lane, usualLane, type LaneOptions } from './lane.ts';
import { StationLookup } from './station-lookup.ts';
import { loadTokens } from './token-rows.ts';
import { asUnavailable } from './unavailable.ts';

export interface BooksOptions {
  /** PostgreSQL as the role csms_app. */
  databaseUrl: string;
  /** The keys of card numbers. Null: numbers stay in the books as they come, for those who audit them in tests and benches. */
  cards?: CardKeys | null;
  log?: { warn(fields: object, text: string): void } | undefined;
  lane?: Partial<LaneOptions>;
  connectionsMax?: number;
  /** Called after each commit that changed something, so that the bus can wake who reads the outbox. */
  onCommitted?: (tenantId: string) => void;
  /** Called after a security event that was not on the books yet was written. */
  onSecurityEvent?: (kind: string) => void;
}

/** The books of the gateway: facts through a lane a tenant, questions straight to the database. Opens no connection before the first use. */
export async function openBooks(options: BooksOptions) {
  // A process that stands still in the middle of a transaction holds locks that its whole tenant waits for: PostgreSQL ends that transaction.
  const pool = openPool(
    { connectionString: options.databaseUrl, max: options.connectionsMax ?? 10, query_timeout: 30_000, idle_in_transaction_session_timeout: 3_000, application_name: 'csms-books', pipeline: true },
    (error) => options.log?.warn({ event: 'database_lost', err: error.message }, 'a database connection was lost'));
  const onCommitted = options.onCommitted ?? (() => undefined);
  const cards = options.cards ?? null;
  const liveness = new Liveness();
  const lookup = new StationLookup(pool);
  const lanes = new Map<string, Lane<LaneFact>>();
  const laneOf = (tenantId: string): Lane<LaneFact> => {
    let lane = lanes.get(tenantId);
    if (!lane) {
      lane = new Lane<LaneFact>(async (facts) => {
        try {
          const outcomes = await commitBatch(pool, tenantId, facts, liveness, options.onSecurityEvent);
          onCommitted(tenantId);
          return outcomes;
        } catch (error) {
          throw asUnavailable('a commit', error);
        }
      }, { ...usualLane, ...options.lane });
      lanes.set(tenantId, lane);
    }
    return lane;
  };
  const put = async <K extends LaneFact['kind']>(tenantId: string, fact: Extract<LaneFact, { kind: K }>) => (await laneOf(tenantId).put(fact)) as Outcomes[K];
  const ask = async <T>(operation: string, tenantId: string, work: (client: pg.PoolClient) => Promise<T>): Promise<T> => {
    try { return await inTenant(pool, tenantId, work); } catch (error) { throw asUnavailable(operation, error); }
  };

  /** A card that nobody knows, to whoever waits for one at this station. */
  const offer = async (tenantId: string, stationId: string, tokenUid: string, at: Date): Promise<void> => {
    if (cards !== null && await ask('an offer of a card', tenantId, (client) => offerCard(client, cards, { tenantId, stationId, tokenUid, at }))) onCommitted(tenantId);
  };

  const stations: StationBooks = {
    find: async (tenantId, identity) => {
      try { return await lookup.find(tenantId, identity); } catch (error) { throw asUnavailable('a look-up of a station', error); }
    },
    tenantExists: async (tenantId) => {
      try { return (await pool.query('SELECT 1 FROM tenant WHERE id = $1', [tenantId])).rowCount === 1; } catch (error) { throw asUnavailable('a look-up of a tenant', error); }
    },
    boot: (source, fact) => put(source.tenantId, { kind: 'boot', source, fact }),
    status: (source, fact) => put(source.tenantId, { kind: 'status', source, fact }),
    presence: (tenantId, stationId, epoch, online, at, ocppVersion) => put(tenantId, { kind: 'presence', stationId, epoch, online, at, ocppVersion }),
    seen: (tenantId, stationId, at) => {
      if (!liveness.isDue(stationId, at)) return;
      // Liveness is no fact: where it cannot be written now, the next sign of life will be.
      put(tenantId, { kind: 'seen', stationId, at }).catch(() => undefined);
    },
    knocked: (tenantId, knock) => ask('a note of a knock', tenantId, async (client) => {
      const { rows } = await client.query<{ attempts: string }>(
        `INSERT INTO knocking_station AS k (tenant_id, identity, first_seen_at, last_seen_at, remote_address, ocpp_version, reason)
         SELECT $1, $2, $3, $3, $4, $5, $6 WHERE EXISTS (SELECT 1 FROM tenant WHERE id = $1) AND (SELECT count(*) FROM knocking_station) < 10000
         ON CONFLICT (tenant_id, identity) DO UPDATE SET last_seen_at = greatest(k.last_seen_at, excluded.last_seen_at), attempts = k.attempts + 1,
           remote_address = excluded.remote_address, ocpp_version = excluded.ocpp_version, reason = excluded.reason RETURNING attempts`,
        [tenantId, knock.identity, knock.at, knock.remoteAddress, knock.ocppVersion, knock.reason]);
      if (rows[0]?.attempts === '1') await client.query(`INSERT INTO outbox (tenant_id, changes) VALUES ($1, $2)`, [tenantId, JSON.stringify([{ kind: 'knocking', identity: knock.identity, at: knock.at.toISOString() }])]);
    }),
    credentialUsed: (tenantId, stationId, credentialHmac) => ask('a note of a credential', tenantId, async (client) => {
      await client.query(`UPDATE station SET credential_hmac = credential_hmac_next, credential_hmac_next = NULL, credential_sealed = NULL WHERE id = $1 AND credential_hmac_next = $2`, [stationId, credentialHmac]);
    }),
    securityProfileUsed: (tenantId, stationId, profile) => ask('a note of a security profile', tenantId, async (client) => {
      await client.query(`UPDATE station SET security_profile = $2, security_profile_next = NULL WHERE id = $1 AND security_profile < $2 AND security_profile_next = $2`, [stationId, profile]);
    }),
    securityEvent: async (tenantId, event) => {
      if (await ask('a security event', tenantId, (client) => writeSecurityEvent(client, event))) options.onSecurityEvent?.(event.kind);
    },
  };

  const sessions: SessionBooks = {
    start: async (source: FactSource, fact) => {
      const outcome = await put(source.tenantId, { kind: 'start', source, ...bookedFact(cards, source.tenantId, fact) });
      // Some stations ask nobody before they begin. The start is on the books; whether its card was offered is nobody's loss.
      if (outcome.authorization === 'Invalid' && !outcome.duplicate) await offer(source.tenantId, source.stationId, fact.tokenUid, source.receivedAt).catch(() => undefined);
      return outcome;
    },
    stop: (source, fact) => put(source.tenantId, { kind: 'stop', source, ...bookedFact(cards, source.tenantId, fact) }),
    transactionEvent: (source, fact) => put(source.tenantId, { kind: 'event', source, ...bookedFact(cards, source.tenantId, fact) }),
    readings: (source, readings, payload) => put(source.tenantId, { kind: 'readings', source, readings, payload }),
  };

  const authorization: AuthorizationBooks = {
    authorize: async (tenantId, stationId, tokenUid, at) => {
      const { decision, isUnknown } = await ask('a look-up of a card', tenantId, async (client) => {
        const spellings = cards?.spellings(tenantId, tokenUid) ?? [tokenUid];
        const key = spellings[0]!.toLowerCase();
        const { tokens, open } = await loadTokens(client, [spellings]);
        const token = tokens.get(key) ?? null;
        const parent = token?.sealedParent ?? token?.parentUid ?? null;
        return {
          isUnknown: token === null,
          decision: { status: decideAuthorization(token, open.get(key) ?? [], at, { sessionId: null, stationId }), validUntil: token?.validUntil ?? null, parentUid: parent === null || cards === null ? parent : cards.open(tenantId, parent) },
        };
      });
      if (isUnknown) await offer(tenantId, stationId, tokenUid, at).catch(() => undefined);
      return decision;
    },
  };

  return {
    stations, sessions, authorization, firmware: openFirmwareBooks(ask),
    certificates: openCertificateBooks(ask),
    tolerance: openToleranceBooks(ask, cards),
    commands: openCommandLedger({ pool, onCommitted, cards }),
    leftBehind: openLeftBehindBooks({ pool, onCommitted }),
    /** The password that is on its way to a station, or null. */
    pendingCredential: (tenantId: string, id: string, pepper: string) => ask('a look-up of a new password', tenantId, (client) => readPendingCredential(client, { tenantId, id }, pepper)),
    /** Resolves when every accepted fact is written. */
    close: async (): Promise<void> => { await Promise.all([...lanes.values()].map((lane) => lane.drained())); await pool.end(); },
  };
}

export type Books = Awaited<ReturnType<typeof openBooks>>;
