/** The 1.6 AuthorizationStatus values, which both dialects can express. */
export type AuthorizationStatus = 'Accepted' | 'Blocked' | 'Expired' | 'Invalid' | 'ConcurrentTx';

/** What authorises: an RFID card, an app, a vehicle. */
export interface Token {
  tenantId: string;
  id: string;
  uid: string;
  kind?: 'rfid' | 'app' | 'vehicle' | 'central' | undefined;
  status: 'active' | 'blocked';
  /** Absent or null: since ever. */
  validFrom?: Date | null | undefined;
  validUntil: Date | null;
  /** The group of the card: cards of one parent may end each other's sessions. */
  parentUid: string | null;
  /** What the tenant decided: may a card that charges at one station begin at another. Absent: it may not. */
  concurrentUse?: 'refuse' | 'allow' | undefined;
}

export interface AuthorizationBooks {
  /** The decision for a card at a station now; unknown cards are Invalid. Card numbers compare without case (CiString). */
  authorize(tenantId: string, stationId: string, tokenUid: string, at: Date): Promise<{ status: AuthorizationStatus; validUntil: Date | null; parentUid: string | null }>;
}
