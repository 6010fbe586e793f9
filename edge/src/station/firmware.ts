import { z } from 'zod';
import type { StationIdentity } from '../dialect/dialect.ts';
import { versionOfImage } from '../firmware/firmware-image.ts';
import { isSignedBy, isSigningCertificate } from '../firmware/firmware-signature.ts';
import type { ClockPort } from '../ports.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import { withRetries } from '../transfer/attempts.ts';
import type { TransferPort } from '../transfer/http-transfer.ts';
import type { StationBehaviour } from './behaviour.ts';
import { isBusy, type ConnectorRuntimes } from './connector-runtime.ts';
import type { Tell } from './event.ts';
import type { Notices } from './notices.ts';
import type { Reset } from './reset.ts';
import type { SecurityEvents } from './security-events.ts';
import type { Timers } from './timers.ts';

export interface FirmwareRequest {
  location: string;
  retrieveAtMs: number;
  installAtMs?: number;
  retries?: number;
  retryIntervalSeconds?: number;
  /** What a signed update has besides (security whitepaper, L01). */
  signed?: { requestId: number; signingCertificate: string; signature: string };
}

export interface FirmwareParts {
  kept: KeptValues;
  about: StationIdentity;
  runtimes: ConnectorRuntimes;
  transfer: TransferPort;
  manufacturerRoots: () => string[];
  behaviour: StationBehaviour;
  clock: Pick<ClockPort, 'nowMs'>;
  timers: Pick<Timers, 'later'>;
  notices: Pick<Notices, 'put'>;
  securityEvents: Pick<SecurityEvents, 'raise'>;
  reset: Pick<Reset, 'reboot' | 'rebootOnIdle'>;
  tell: Tell;
}

export interface Firmware {
  /** What is installed. */
  readonly version: string | undefined;
  /** Begins an update, in place of one that is under way. */
  update(request: FirmwareRequest): 'Accepted' | 'AcceptedCanceled' | 'InvalidCertificate';
  /** Tells once more how far the update is, in the words of a plain or of a signed one (TriggerMessage). */
  report(isSigned: boolean): void;
}

const imageBytesMax = 64 * 1_048_576;
const fallbackRetryMs = 10_000;
const installFallbackMs = 1_000;
const keptName = 'firmware';
const underWayName = 'firmwareUnderWay';
const UnderWay = z.object({ status: z.string(), requestId: z.number().optional() }).nullable();

/** Updates of the firmware, plain (OCPP 1.6, 5.18 and 4.5) and signed (security whitepaper, L01). */
export function createFirmware(parts: FirmwareParts): Firmware {
  const { kept, about, runtimes, transfer, manufacturerRoots, behaviour, clock, timers, notices, securityEvents, reset, tell } = parts;
  let version = kept.read(keptName, z.object({ version: z.string() }))?.version ?? about.firmwareVersion;
  let running: { abort: AbortController; status: string; signed: FirmwareRequest['signed'] } | undefined;
  const wait = (ms: number) => new Promise<void>((resolve) => void timers.later(ms, resolve));

  function put(status: string, signed: { requestId?: number } | undefined): void {
    notices.put(signed
      ? { action: 'SignedFirmwareStatusNotification', params: { status, ...(signed.requestId !== undefined && { requestId: signed.requestId }) } }
      : { action: 'FirmwareStatusNotification', params: { status } });
  }

  const interrupted = kept.read(underWayName, UnderWay);
  if (interrupted) {
    // The power went in the middle of an update: it is over, and the CSMS is told so.
    put(/^Download(Scheduled|ing)$/.test(interrupted.status) ? 'DownloadFailed' : 'InstallationFailed', interrupted.requestId === undefined ? undefined : interrupted);
    kept.write(underWayName, null);
  }

  async function run(request: FirmwareRequest, mine: NonNullable<typeof running>): Promise<void> {
    const isCancelled = () => running !== mine;
    const say = (status: string) => {
      mine.status = status;
      tell({ kind: 'firmware', status });
      kept.write(underWayName, { status, requestId: request.signed?.requestId });
      put(status, request.signed);
    };
    /** What the CSMS hears of a plain update is less (7.25). */
    const saySigned = (status: string) => { if (request.signed) say(status); };
    const end = (status: string) => {
      if (isCancelled()) return;
      say(status);
      kept.write(underWayName, null);
      running = undefined;
    };

    const untilRetrieveMs = request.retrieveAtMs - clock.nowMs();
    if (untilRetrieveMs > 0) {
      saySigned('DownloadScheduled');
      await waitUntil(request.retrieveAtMs, isCancelled);
    }
    if (isCancelled()) return;
    say('Downloading');
    let image: Buffer;
    try {
      image = await withRetries({
        retries: request.retries ?? 0, retryIntervalMs: request.retryIntervalSeconds === undefined ? fallbackRetryMs : request.retryIntervalSeconds * 1_000, wait, isCancelled,
      }, async () => {
        if ((behaviour.downloadsToFail ?? 0) > 0) {
          behaviour.downloadsToFail = (behaviour.downloadsToFail ?? 0) - 1;
          throw new Error('this charger was told to fail');
        }
        return transfer.download(request.location, imageBytesMax, mine.abort.signal);
      });
    } catch (error) {
      tell({ kind: 'failed', what: 'firmware download', error: error instanceof Error ? error.message : String(error) });
      return end('DownloadFailed');
    }
    if (isCancelled()) return;
    say('Downloaded');
    if (request.signed) {
      if (!isSignedBy(image, request.signed.signature, request.signed.signingCertificate)) {
        securityEvents.raise('InvalidFirmwareSignature');
        return end('InvalidSignature');
      }
      say('SignatureVerified');
    }
    if ((request.installAtMs ?? 0) > clock.nowMs() || isBusy(runtimes)) {
      saySigned('InstallScheduled');
      await waitUntil(request.installAtMs ?? 0, isCancelled);
      while (isBusy(runtimes) && !isCancelled()) await wait(500);
    }
    if (isCancelled()) return;
    say('Installing');
    await wait(behaviour.installMs ?? installFallbackMs);
    if (behaviour.failInstall || image.length === 0) return end('InstallationFailed');
    if (isCancelled()) return;
    version = versionOfImage(image, request.location);
    kept.write(keptName, { version });
    end('Installed');
    if (request.signed) securityEvents.raise('FirmwareUpdated', version);
    // Somebody may have begun to charge meanwhile; nobody's charging is ended for an update.
    if (isBusy(runtimes)) reset.rebootOnIdle();
    else reset.reboot();
  }

  /** A timer holds at most 24 days, and the wall clock may be set: asked again each hour. */
  async function waitUntil(atMs: number, isCancelled: () => boolean): Promise<void> {
    for (let leftMs = atMs - clock.nowMs(); leftMs > 0 && !isCancelled(); leftMs = atMs - clock.nowMs()) await wait(Math.min(leftMs, 3_600_000));
  }

  return {
    get version() {
      return version;
    },
    update(request) {
      if (request.signed && !isSigningCertificate(request.signed.signingCertificate, manufacturerRoots(), clock.nowMs())) {
        securityEvents.raise('InvalidFirmwareSigningCertificate');
        return 'InvalidCertificate';
      }
      const previous = running;
      previous?.abort.abort();
      const mine = { abort: new AbortController(), status: 'Idle', signed: request.signed };
      running = mine;
      // The answer first.
      timers.later(0, () => void run(request, mine));
      return previous ? 'AcceptedCanceled' : 'Accepted';
    },
    report: (isSigned) => put(running?.status ?? 'Idle', running ? running.signed : isSigned ? {} : undefined),
  };
}
