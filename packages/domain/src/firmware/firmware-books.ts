import type { FactSource } from '../station/station.ts';

/** What a station tells of work that takes it a while: firmware that it fetches and installs, files that it sends. Every promise resolves after commit. */
export interface FirmwareBooks {
  /** FirmwareStatusNotification (1.6, 4.5; no request id) or SignedFirmwareStatusNotification (security whitepaper, 4.5). `requestId` null: it named none. */
  firmwareStatus(source: FactSource, fact: { status: string; requestId: number | null }): Promise<void>;
  /** DiagnosticsStatusNotification (1.6, 4.4; no request id) or LogStatusNotification (security whitepaper, 4.4). */
  uploadStatus(source: FactSource, fact: { of: 'diagnostics' | 'log'; status: string; requestId: number | null }): Promise<void>;
}
