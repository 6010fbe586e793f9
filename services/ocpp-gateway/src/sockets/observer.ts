import type { SecurityProfile } from '@csms/domain';
import type { OcppVersion } from '@csms/ocpp';
import type { CloseReason } from './session-registry.ts';
import type { LimitScope } from './station-admission.ts';

/** What the socket side tells whoever counts. Called on the hot path: cheap, and never throws. */
export interface Observer {
  /** One call has ended: `from-station` are the station's, `to-station` ours. `result` is a word, never a text from the wire. */
  call(direction: 'from-station' | 'to-station', action: string, result: string, seconds: number): void;
  /** A message that could not be read or was not valid. */
  invalid(action: string, kind: string): void;
  /** A message that was understood all the same, or a behaviour that is known; `kind` is one of the domain's words. */
  deviated(kind: string): void;
  handshake(result: string): void;
  /** Somebody is held back by a limit. */
  limited(scope: LimitScope | 'messages'): void;
  opened(tenantId: string, version: OcppVersion, profile: SecurityProfile): void;
  closed(tenantId: string, version: OcppVersion, profile: SecurityProfile, reason: CloseReason, openSeconds: number): void;
}

/** Counts nothing: for tests and benches of what lies below. */
export const silentObserver: Observer = {
  call: () => {}, invalid: () => {}, deviated: () => {}, handshake: () => {}, limited: () => {}, opened: () => {}, closed: () => {},
};
