import type { Notices } from './notices.ts';

export interface SecurityEvent { type: string; at: string; techInfo?: string }

export interface SecurityEvents {
  /** Notes a security event and owes it to the CSMS; `type` is a word of the security whitepaper, appendix. */
  raise(type: string, techInfo?: string): void;
  /** The newest events, for the security log. */
  log(): readonly SecurityEvent[];
}

const logMax = 500;

/** Security events of OCPP 1.6 (security whitepaper, A04): each is told, also when the line comes back much later. */
export function createSecurityEvents({ notices, now }: { notices: Pick<Notices, 'put'>; now: () => string }): SecurityEvents {
  const events: SecurityEvent[] = [];
  return {
    raise(type, techInfo) {
      const at = now();
      events.push({ type, at, techInfo });
      if (events.length > logMax) events.shift();
      notices.put({ action: 'SecurityEventNotification', params: { type: type.slice(0, 50), timestamp: at, ...(techInfo && { techInfo: techInfo.slice(0, 255) }) } });
    },
    log: () => events,
  };
}
