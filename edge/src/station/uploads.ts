import type { ClockPort } from '../ports.ts';
import { withRetries } from '../transfer/attempts.ts';
import { TransferDenied, UnsupportedLocation, type TransferPort } from '../transfer/http-transfer.ts';
import type { StationBehaviour } from './behaviour.ts';
import type { Diagnostics, LogSpan } from './diagnostics.ts';
import type { Tell } from './event.ts';
import type { Notices } from './notices.ts';
import type { Timers } from './timers.ts';

export interface UploadRequest {
  location: string;
  span: LogSpan;
  retries?: number;
  retryIntervalSeconds?: number;
  /** GetLog: which log, and the number that its notifications name. GetDiagnostics has neither. */
  log?: { type: 'DiagnosticsLog' | 'SecurityLog'; requestId: number };
}

export interface UploadsParts {
  identity: string;
  diagnostics: Pick<Diagnostics, 'diagnosticsLog' | 'securityLog'>;
  transfer: TransferPort;
  behaviour: StationBehaviour;
  clock: Pick<ClockPort, 'nowMs'>;
  timers: Pick<Timers, 'later'>;
  notices: Pick<Notices, 'put'>;
  tell: Tell;
}

export interface Uploads {
  /** Begins an upload, in place of one of its kind that is under way; says what the file is called. */
  start(request: UploadRequest): { fileName: string; replaced: boolean };
  /** Tells once more how far the upload of this kind is (TriggerMessage). */
  report(kind: 'diagnostics' | 'log'): void;
}

const fallbackRetryMs = 10_000;

/** Diagnostics (OCPP 1.6, 5.9 and 4.4) and logs (security whitepaper, N01), delivered by HTTP PUT to where the CSMS wants them. */
export function createUploads({ identity, diagnostics, transfer, behaviour, clock, timers, notices, tell }: UploadsParts): Uploads {
  const running = new Map<'diagnostics' | 'log', { abort: AbortController; status: string; requestId?: number }>();
  const wait = (ms: number) => new Promise<void>((resolve) => void timers.later(ms, resolve));

  function put(kind: 'diagnostics' | 'log', status: string, requestId?: number): void {
    tell({ kind: 'upload', status });
    notices.put(kind === 'diagnostics'
      ? { action: 'DiagnosticsStatusNotification', params: { status } }
      : { action: 'LogStatusNotification', params: { status, ...(requestId !== undefined && { requestId }) } });
  }

  async function run(kind: 'diagnostics' | 'log', request: UploadRequest, fileName: string): Promise<void> {
    const mine = running.get(kind);
    if (!mine) return;
    const isCancelled = () => running.get(kind) !== mine;
    const say = (status: string) => {
      mine.status = status;
      put(kind, status, mine.requestId);
    };
    say('Uploading');
    let ended = 'Uploaded';
    try {
      const content = request.log?.type === 'SecurityLog' ? diagnostics.securityLog(request.span) : diagnostics.diagnosticsLog(request.span);
      await withRetries({
        retries: request.retries ?? 0, retryIntervalMs: request.retryIntervalSeconds === undefined ? fallbackRetryMs : request.retryIntervalSeconds * 1_000, wait, isCancelled,
      }, async () => {
        if ((behaviour.uploadsToFail ?? 0) > 0) {
          behaviour.uploadsToFail = (behaviour.uploadsToFail ?? 0) - 1;
          throw new Error('this charger was told to fail');
        }
        // A folder gets the file's name, any other address is the file.
        await transfer.upload(request.location.endsWith('/') ? request.location + encodeURIComponent(fileName) : request.location, content, mine.abort.signal);
      });
    } catch (error) {
      tell({ kind: 'failed', what: 'upload', error: error instanceof Error ? error.message : String(error) });
      ended = kind === 'diagnostics' ? 'UploadFailed' : failureOf(error);
    }
    if (isCancelled()) return;
    say(ended);
    running.delete(kind);
  }

  return {
    start(request) {
      const kind = request.log ? 'log' : 'diagnostics';
      const previous = running.get(kind);
      previous?.abort.abort();
      const stamp = new Date(clock.nowMs()).toISOString().replace(/[:.]/g, '-');
      const fileName = `${identity.replace(/[^\w.-]/g, '_')}-${request.log?.type ?? 'diagnostics'}-${stamp}.jsonl`;
      running.set(kind, { abort: new AbortController(), status: 'Uploading', requestId: request.log?.requestId });
      timers.later(0, () => void run(kind, request, fileName));
      return { fileName, replaced: previous !== undefined };
    },
    report(kind) {
      const found = running.get(kind);
      put(kind, found?.status ?? 'Idle', found?.requestId);
    },
  };
}

/** The words of LogStatusNotification (security whitepaper, 6.17). */
function failureOf(error: unknown): string {
  if (error instanceof UnsupportedLocation) return 'NotSupportedOperation';
  return error instanceof TransferDenied ? 'PermissionDenied' : 'UploadFailure';
}
