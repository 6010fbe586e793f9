import { expect, it } from 'vitest';
import { afterBoot, afterStatus, type UpdateState } from './update-state.ts';
import { afterUploadStatus } from './upload-state.ts';

const play = (words: string[], from: UpdateState = 'asked'): UpdateState => words.reduce<UpdateState>((state, word) => afterStatus(state, word, true)?.state ?? state, from);

it('the words of 1.6 and of the security extension lead to the end, in order, repeated or with holes', () => {
  expect(play(['Downloading', 'Downloaded', 'Installing', 'Installed'])).toBe('installed');
  expect(play(['DownloadScheduled', 'Downloading', 'DownloadPaused', 'Downloading', 'Downloaded', 'SignatureVerified', 'InstallScheduled', 'Installing', 'InstallRebooting'])).toBe('installing');
  expect(play(['Installed'])).toBe('installed');
  expect(play(['Idle', 'Sideways', 'toString'])).toBe('asked');
});

it.each(['DownloadFailed', 'InstallationFailed', 'InstallVerificationFailed', 'InvalidSignature'])('%s is a failure, and says so', (word) => {
  expect(afterStatus('downloading', word, true)).toEqual({ state: 'failed', detail: `the station says ${word}` });
});

it('a step back is not believed, what ended stays ended, and a late installation is one', () => {
  expect(play(['Installing', 'Downloading'])).toBe('installing');
  expect(play(['DownloadFailed', 'Downloading'])).toBe('failed');
  expect(play(['Installed', 'InstallationFailed'])).toBe('installed');
  expect(afterStatus('failed', 'Installed', true)).toEqual({ state: 'installed', detail: 'installed after it was given up' });
  for (const state of ['waiting', 'cancelled'] as const) expect(afterStatus(state, 'Installed', true)).toBeNull();
  expect(afterStatus('asked', 'Installed', false), 'it speaks of another one').toBeNull();
});

it('a boot with the wanted version proves it, one with the former version disproves it, any other says nothing', () => {
  const boot = { wanted: '2.0', before: '1.0' };
  expect(afterBoot('installing', { ...boot, firmware: '2.0' })?.state).toBe('installed');
  expect(afterBoot('installing', { ...boot, firmware: '1.0' })).toBeNull();
  expect(afterBoot('installed', { ...boot, firmware: '1.0' })?.state).toBe('failed');
  expect(afterBoot('installed', { ...boot, firmware: '2.0-b7' })).toBeNull();
  expect(afterBoot('waiting', { ...boot, firmware: '2.0' })).toBeNull();
});

it('a station gives up an upload by its word, and cannot take back a file that is there', () => {
  expect(afterUploadStatus('asked', 'UploadFailed')?.state).toBe('failed');
  expect(afterUploadStatus('asked', 'Uploaded')).toBeNull();
  expect(afterUploadStatus('stored', 'UploadFailure')).toBeNull();
});
