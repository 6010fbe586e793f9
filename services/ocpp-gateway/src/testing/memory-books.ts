import type {
  AuthorizationBooks, AuthorizationStatus, BootFact, CertificateBooks, FactSource, FirmwareBooks, Reading, SessionBooks, SigningRequest, SigningRequestOutcome, StartFact, Station, StationBooks, StatusFact, StopFact, TransactionEventFact, TenantTrust,
  DeviationCount, QuarantinedFrame, ToleranceBooks,
} from '@csms/domain';
import { credentialHmac } from '@csms/kit';

export const testPepper = 'a pepper for tests';

/** A registered station, with the password `secret` unless told otherwise. */
export function aStation(given: Partial<Station> & { password?: string | Uint8Array } = {}): Station {
  const { password = 'secret', ...station } = given;
  return {
    tenantId: 'demo', id: `station-${station.identity ?? 'CP_1'}`, siteId: 'site', identity: 'CP_1', ocppVersion: null, registration: 'Accepted',
    heartbeatIntervalS: 300, credentialHmac: credentialHmac(testPepper, password), credentialHmacNext: null, vendor: null, model: null, firmware: null,
    securityProfile: 1, securityProfileNext: null, ...station,
  };
}

/**
 * The ports in memory, with what was written to them. `gate` stands in front of every write: a test holds it to see what happens while the books
 * are slow, or makes it reject to see them fail. The real books are tested as whole processes.
 */
export class MemoryBooks {
  stationsByIdentity = new Map<string, Station>();
  gate: () => Promise<void> = async () => {};
  boots: { source: FactSource; fact: BootFact }[] = [];
  statuses: { source: FactSource; fact: StatusFact }[] = [];
  starts: { source: FactSource; fact: StartFact }[] = [];
  stops: { source: FactSource; fact: StopFact }[] = [];
  events: { source: FactSource; fact: TransactionEventFact }[] = [];
  readings: Reading[] = [];
  knocks: { tenantId: string; identity: string; reason: string; ocppVersion: string | null }[] = [];
  credentialsUsed: Uint8Array[] = [];
  profilesUsed: number[] = [];
  securityEvents: string[] = [];
  securityDetails: string[] = [];
  seenAt: Date[] = [];
  cards = new Map<string, AuthorizationStatus>([['CARD-1', 'Accepted'], ['BLOCKED', 'Blocked']]);
  #transactions = new Map<string, number>();

  register(...stations: Station[]): this {
    for (const station of stations) this.stationsByIdentity.set(`${station.tenantId}/${station.identity}`, station);
    return this;
  }

  readonly stations: StationBooks = {
    find: async (tenantId, identity) => { await this.gate(); return this.stationsByIdentity.get(`${tenantId}/${identity}`) ?? null; },
    tenantExists: async () => true,
    boot: async (source, fact) => { await this.gate(); this.boots.push({ source, fact }); },
    status: async (source, fact) => { await this.gate(); this.statuses.push({ source, fact }); return { applied: true }; },
    presence: async () => {},
    seen: (_tenantId, _stationId, at) => { this.seenAt.push(at); },
    knocked: async (tenantId, knock) => { this.knocks.push({ tenantId, identity: knock.identity, reason: knock.reason, ocppVersion: knock.ocppVersion }); },
    credentialUsed: async (_tenantId, _stationId, credentialHmac) => { this.credentialsUsed.push(credentialHmac); },
    securityProfileUsed: async (_tenantId, _stationId, profile) => { this.profilesUsed.push(profile); },
    securityEvent: async (_tenantId, event) => { await this.gate(); this.securityEvents.push(event.kind); this.securityDetails.push(event.detail); },
  };

  signingRequests: SigningRequest[] = [];
  signingOutcome: SigningRequestOutcome = 'accepted';
  trust: TenantTrust | null = null;
  readonly certificates: Pick<CertificateBooks, 'trust' | 'requestSigning'> = {
    trust: async () => { await this.gate(); return this.trust; },
    requestSigning: async (_source, request) => { await this.gate(); this.signingRequests.push(request); return this.signingOutcome; },
  };

  /** As `gate`, before what is written of deviations. */
  quarantineGate: () => Promise<void> = async () => {};
  quarantined = new Map<string, QuarantinedFrame & { times: number; firstAt: Date }>();
  deviationCounts: DeviationCount[] = [];
  examples: (QuarantinedFrame & { times: number })[] = [];
  readonly tolerance: ToleranceBooks = {
    keep: async (_tenantId, frame) => {
      await this.quarantineGate();
      const key = `${frame.stationId}/${frame.key}`;
      const known = this.quarantined.get(key);
      const row = { ...(known ?? frame), times: (known?.times ?? 0) + 1, firstAt: known?.firstAt ?? frame.at };
      this.quarantined.set(key, row);
      return { kept: true, times: row.times, firstAt: row.firstAt };
    },
    note: async (_tenantId, { counts, frames }) => { await this.quarantineGate(); this.deviationCounts.push(...counts); this.examples.push(...frames); },
  };

  firmwareWords: { of: 'firmware' | 'diagnostics' | 'log'; status: string; requestId: number | null }[] = [];
  readonly firmware: FirmwareBooks = {
    firmwareStatus: async (_source, fact) => { await this.gate(); this.firmwareWords.push({ of: 'firmware', ...fact }); },
    uploadStatus: async (_source, fact) => { await this.gate(); this.firmwareWords.push(fact); },
  };

  readonly authorization: AuthorizationBooks = {
    authorize: async (_tenantId, _stationId, uid) => { await this.gate(); return { status: this.cards.get(uid) ?? 'Invalid', validUntil: null, parentUid: null }; },
  };

  readonly sessions: SessionBooks = {
    start: async (source, fact) => {
      await this.gate();
      const key = JSON.stringify([source.stationId, fact.connectorId, fact.tokenUid, fact.startedAt, fact.meterStartWh]);
      const known = this.#transactions.get(key);
      const transactionId = known ?? this.#transactions.size + 1;
      this.#transactions.set(key, transactionId);
      if (known === undefined) this.starts.push({ source, fact });
      return {
        sessionId: `session-${transactionId}`, transactionRef: String(transactionId), duplicate: known !== undefined,
        authorization: this.cards.get(fact.tokenUid) ?? 'Invalid',
      };
    },
    stop: async (source, fact) => {
      await this.gate();
      this.stops.push({ source, fact });
      return { sessionId: `session-${fact.transactionRef}`, verdict: 'ended', authorization: fact.tokenUid === null ? null : 'Accepted' };
    },
    transactionEvent: async (source, fact) => {
      await this.gate();
      this.events.push({ source, fact });
      return { sessionId: fact.transactionRef, verdict: 'applied', authorization: fact.tokenUid === null ? null : (this.cards.get(fact.tokenUid) ?? 'Invalid') };
    },
    readings: async (_source, readings) => { await this.gate(); this.readings.push(...readings); },
  };
}
