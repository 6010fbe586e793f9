/** One station's way to one firmware. waiting: not asked yet. asked: a command is on its way or was accepted. cancelled: never asked, and never will be. */
export const updateStates = ['waiting', 'asked', 'downloading', 'downloaded', 'installing', 'installed', 'failed', 'cancelled'] as const;
export type UpdateState = (typeof updateStates)[number];

export interface UpdateChange { state: UpdateState; detail: string | null }

const order: readonly UpdateState[] = ['asked', 'downloading', 'downloaded', 'installing', 'installed'];

/** FirmwareStatus of 1.6 (7.24) and of the security whitepaper (5.11) as our states. Idle and words that nobody knows say nothing. */
const stateOfStatus: Readonly<Record<string, UpdateState>> = {
  DownloadScheduled: 'asked', DownloadPaused: 'downloading', Downloading: 'downloading', Downloaded: 'downloaded', SignatureVerified: 'downloaded',
  InstallScheduled: 'downloaded', Installing: 'installing', InstallRebooting: 'installing', Installed: 'installed',
  DownloadFailed: 'failed', InstallationFailed: 'failed', InstallVerificationFailed: 'failed', InvalidSignature: 'failed',
};

export function isOnItsWay(state: UpdateState): boolean {
  return state === 'asked' || state === 'downloading' || state === 'downloaded' || state === 'installing';
}

/**
 * What the station's word makes of an update; null: nothing. Steps that were skipped are skipped, a step back is not believed. What ended stays ended,
 * but for a station that installed after we had given it up: that is so, whenever we hear it. `Installed` from a station that has not fetched the file
 * speaks of an older update, which 1.6 cannot tell from this one.
 */
export function afterStatus(state: UpdateState, status: string, hasFetched: boolean): UpdateChange | null {
  const said = Object.hasOwn(stateOfStatus, status) ? stateOfStatus[status] : undefined;
  if (said === undefined || state === 'waiting' || state === 'cancelled' || state === 'installed') return null;
  if (said === 'installed') return !hasFetched ? null : { state: 'installed', detail: state === 'failed' ? 'installed after it was given up' : null };
  if (state === 'failed') return null;
  if (said === 'failed') return { state: 'failed', detail: `the station says ${status}` };
  return order.indexOf(said) > order.indexOf(state) ? { state: said, detail: null } : null;
}

/**
 * What a boot makes of it (1.6, 4.2: firmwareVersion). The wanted version proves the installation. The former one after `installed` proves that the station
 * fell back; before that it proves nothing, because a station may boot while it installs. Versions are compared as written: no other reading is safe.
 */
export function afterBoot(state: UpdateState, boot: { firmware: string | null; wanted: string; before: string | null }): UpdateChange | null {
  if (state === 'waiting' || state === 'cancelled' || boot.firmware === null) return null;
  if (boot.firmware === boot.wanted) return state === 'installed' ? null : { state: 'installed', detail: 'it booted with this version' };
  return state === 'installed' && boot.firmware === boot.before ? { state: 'failed', detail: `it booted with ${boot.firmware} again` } : null;
}
