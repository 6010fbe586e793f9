export type Severity = 'critical' | 'notice';

/**
 * The security events that the standard names, and whether one is critical: the list of the OCPP 1.6 security whitepaper (edition 2, with the two logins of
 * edition 4), and the names of 2.x where those differ. A station may send any other text: it is kept as it is, and counts as a notice.
 */
export const standardEvents = {
  FirmwareUpdated: 'critical',
  FailedToAuthenticateAtCentralSystem: 'notice',
  CentralSystemFailedToAuthenticate: 'notice',
  SettingSystemTime: 'critical',
  StartupOfTheDevice: 'critical',
  ResetOrReboot: 'critical',
  SecurityLogWasCleared: 'critical',
  ReconfigurationOfSecurityParameters: 'notice',
  MemoryExhaustion: 'critical',
  InvalidMessages: 'notice',
  AttemptedReplayAttacks: 'notice',
  TamperDetectionActivated: 'critical',
  InvalidFirmwareSignature: 'notice',
  InvalidFirmwareSigningCertificate: 'notice',
  InvalidCentralSystemCertificate: 'notice',
  InvalidChargePointCertificate: 'notice',
  InvalidTLSVersion: 'notice',
  InvalidTLSCipherSuite: 'notice',
  MaintenanceLoginAccepted: 'critical',
  MaintenanceLoginFailed: 'critical',
  FailedToAuthenticateAtCsms: 'notice',
  CsmsFailedToAuthenticate: 'notice',
  InvalidCsmsCertificate: 'notice',
  InvalidChargingStationCertificate: 'notice',
  DiscardedRenewedClientCertificate: 'notice',
} as const satisfies Record<string, Severity>;

/** What we see ourselves, and no station tells. */
export const ownEvents = {
  'bad-certificate': 'critical',
  'duplicate-identity': 'critical',
  'foreign-transaction': 'critical',
  'fact-refused': 'notice',
  'invalid-message': 'notice',
  'signing-request-refused': 'critical',
  'rate-limited': 'notice',
} as const satisfies Record<string, Severity>;

const severities: ReadonlyMap<string, Severity> = new Map<string, Severity>(Object.entries({ ...standardEvents, ...ownEvents }));

export function severityOf(kind: string): Severity {
  return severities.get(kind) ?? 'notice';
}

/** A name for a metric: the event's own where we know it, so that no text of a station becomes a label. */
export function countedAs(kind: string): string {
  return severities.has(kind) ? kind : 'other';
}

export function isOwnEvent(kind: string): boolean {
  return Object.hasOwn(ownEvents, kind);
}

/**
 * What makes two events the same one. A station's: type, time and text, so that a repeated message is no second event. Ours: type and text within the
 * same minute, so that who is refused a thousand times is one row with a count.
 */
export function sameEventKey(event: { stationId: string | null; identity: string | null; kind: string; detail: string; at: Date }): string {
  const time = Number.isNaN(event.at.getTime()) ? '' : event.at.toISOString();
  return JSON.stringify([event.stationId ?? '', event.stationId === null ? event.identity : '', event.kind, isOwnEvent(event.kind) ? time.slice(0, time.indexOf('T') + 6) : time, event.detail]);
}
