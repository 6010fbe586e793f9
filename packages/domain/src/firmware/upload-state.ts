/** An asked upload: a file is there when its last byte is, whatever the station says of it. */
export const uploadStates = ['asked', 'receiving', 'stored', 'failed', 'expired', 'deleted'] as const;
export type UploadState = (typeof uploadStates)[number];

/** DiagnosticsStatus of 1.6 (7.17) and UploadLogStatus of the security whitepaper (5.17) by which a station gives up. */
const givenUp = new Set(['UploadFailed', 'UploadFailure', 'BadMessage', 'NotSupportedOperation', 'PermissionDenied']);

/** What a station's word makes of an upload that waits for its file; null: nothing. */
export function afterUploadStatus(state: UploadState, status: string): { state: 'failed'; detail: string } | null {
  return state === 'asked' && givenUp.has(status) ? { state: 'failed', detail: `the station says ${status}` } : null;
}
