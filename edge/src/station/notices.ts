import { z } from 'zod';
import type { OutgoingCall } from '../dialect/dialect.ts';
import type { Link } from '../link.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import type { Tell } from './event.ts';
import type { Timers } from './timers.ts';

export interface NoticesParts {
  kept: KeptValues;
  link: Pick<Link, 'call'>;
  timers: Pick<Timers, 'later'>;
  /** Connected, and the boot was accepted. */
  isReady: () => boolean;
  tell: Tell;
}

export interface Notices {
  /** Owed to the CSMS from now on, over lost connections and power losses. */
  put(call: OutgoingCall): void;
  /** The CSMS may be told things again. */
  flush(): void;
}

const keptName = 'notices';
const waitingMax = 200;
const retryMs = 5_000;

/**
 * What happened once and must be heard: security events and the progress of updates and uploads (security whitepaper,
 * A04: queued while offline). Told in order, again until answered; the oldest are given up beyond 200.
 */
export function createNotices({ kept, link, timers, isReady, tell }: NoticesParts): Notices {
  const waiting: OutgoingCall[] = kept.read(keptName, z.array(z.object({ action: z.string(), params: z.record(z.string(), z.unknown()) }))) ?? [];
  let isBusy = false;

  async function pump(): Promise<void> {
    if (isBusy) return;
    isBusy = true;
    try {
      for (let head = waiting[0]; head && isReady(); head = waiting[0]) {
        const outcome = await link.call(head.action, head.params);
        if (outcome.kind === 'unanswered') {
          timers.later(retryMs, () => void pump());
          return;
        }
        if (outcome.kind === 'refused') tell({ kind: 'failed', what: head.action, error: `${outcome.code} ${outcome.description}` });
        // The oldest may have been given up meanwhile.
        if (waiting[0] === head) waiting.shift();
        kept.write(keptName, waiting);
      }
    } finally {
      isBusy = false;
    }
  }

  return {
    put(call) {
      waiting.push(call);
      if (waiting.length > waitingMax) waiting.shift();
      kept.write(keptName, waiting);
      void pump();
    },
    flush: () => void pump(),
  };
}
