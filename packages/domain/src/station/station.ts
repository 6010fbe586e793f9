/**
 * How a station has to come in (OCPP 1.6 security whitepaper; 2.0.1 part A): 0 with nothing, 1 with a password, 2 with a password over TLS, 3 with a
 * certificate of its own over TLS.
 */
export type SecurityProfile = 0 | 1 | 2 | 3;

/** One OCPP identity, as the books know it. */
export interface Station {
  tenantId: string;
  id: string;
  siteId: string;
  identity: string;
  ocppVersion: string | null;
  registration: 'Accepted' | 'Pending' | 'Rejected';
  heartbeatIntervalS: number;
  /** HMAC-SHA256 of the credential under the pepper; null when nobody may connect yet. */
  credentialHmac: Uint8Array | null;
  credentialHmacNext: Uint8Array | null;
  securityProfile: SecurityProfile;
  /** Asked of the station and not seen yet: until its first use either lets it in (G-34). */
  securityProfileNext: SecurityProfile | null;
  /** As it said in its last BootNotification, whichever connection that was (G-39). */
  vendor: string | null;
  model: string | null;
  firmware: string | null;
}

/** Who a fact came from, through which socket. Facts are never fenced by the epoch; presence is. */
export interface FactSource {
  tenantId: string;
  stationId: string;
  ocppVersion: 'ocpp1.6' | 'ocpp2.0.1';
  /** OCPP message id: evidence, never a key. */
  messageId: string;
  receivedAt: Date;
}

export type ConnectorStatus =
  | 'Available' | 'Preparing' | 'Charging' | 'SuspendedEV' | 'SuspendedEVSE'
  | 'Finishing' | 'Reserved' | 'Unavailable' | 'Faulted' | 'Occupied' | 'Unknown';

export interface BootFact {
  vendor: string; model: string; serial: string | null; firmware: string | null;
}

/** connectorId 0 (1.6) or evseId 0 (2.x) speaks of the station itself (G-15). */
export interface StatusFact {
  evseId: number; connectorId: number;
  status: ConnectorStatus;
  errorCode: string | null; info: string | null;
  /** The charger's clock; null when it sent none (G-16: receipt time counts then). */
  at: Date | null;
}

/** What the gateway tells the books about a station that is not a transaction. Every promise resolves after commit. */
export interface StationBooks {
  /** The station by its OCPP identity, or null when nobody registered it. */
  find(tenantId: string, identity: string): Promise<Station | null>;
  tenantExists(tenantId: string): Promise<boolean>;
  boot(source: FactSource, fact: BootFact): Promise<void>;
  status(source: FactSource, fact: StatusFact): Promise<{ applied: boolean }>;
  /** Online or offline under an ownership epoch; a lower epoch than the stored one changes nothing (G-35). */
  presence(tenantId: string, stationId: string, epoch: bigint, online: boolean, at: Date, ocppVersion: string): Promise<void>;
  /** Heartbeats and other liveness, coalesced; may resolve before commit because it is no fact. */
  seen(tenantId: string, stationId: string, at: Date): void;
  /** Someone that nobody registered, or whose password is wrong, knocked. */
  knocked(tenantId: string, knock: { identity: string; remoteAddress: string; ocppVersion: string | null; reason: string; at: Date }): Promise<void>;
  /** The new credential of this HMAC was used for the first time: it becomes the only one, unless another one has taken its place meanwhile (G-33). */
  credentialUsed(tenantId: string, stationId: string, credentialHmac: Uint8Array): Promise<void>;
  /** A station came in under the profile that was asked of it: it becomes the only one. Never lowers (G-34). */
  securityProfileUsed(tenantId: string, stationId: string, profile: SecurityProfile): Promise<void>;
  securityEvent(tenantId: string, event: { stationId: string | null; identity: string | null; kind: string; detail: string; at: Date }): Promise<void>;
}
