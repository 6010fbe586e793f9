import type { PublicState } from '@csms/domain/public-state/public-state';
import type { Logger } from '@csms/kit';
import type { OutboxRow, ToLookAt, UnwrittenState, WrittenState } from '@csms/store';
import type { Written } from './public-database.ts';

/** The books' side: the outbox, and the rows in which public states wait. */
export interface MirrorBooks {
  lastOutboxId(): Promise<string>;
  readOutbox(afterId: string, limit: number): Promise<OutboxRow[]>;
  stationsToLookAt(afterId: string | null, limit: number): Promise<string[]>;
  noteStates(toLookAt: readonly ToLookAt[], now: Date): Promise<Map<string, Date>>;
  unwrittenStates(after: UnwrittenState | null, limit: number): Promise<UnwrittenState[]>;
  noteWritten(written: readonly WrittenState[], now: Date): Promise<void>;
  backlog(): Promise<{ pending: number; oldestAt: Date | null }>;
}

export interface MirrorParts {
  books: MirrorBooks;
  database: { isConnected(): boolean; write(publicId: string, version: number, state: PublicState | null): Promise<Written> };
  log: Logger;
  now: () => Date;
  onWritten?: (lagMs: number) => void;
  onOutcome?: (outcome: 'written' | 'newer-there' | 'failed') => void;
}

export interface Mirror {
  /** One round: what changed is noted, what is noted is written. Rejects when the books cannot be read; the next round takes it up. */
  round(): Promise<void>;
  backlog(): { pending: number; oldestAt: Date | null };
}

const outboxPage = 500;
const stationsAtOnce = 200;
const writesAtOnce = 24;
/** The outbox tells every change; a whole look now and then is for what was changed past it. */
const wholeLookEveryMs = 600_000;
const waitAfterFailureMs = { first: 1_000, max: 30_000 };

/**
 * Keeps the public database in step with the books. Only ids of stations are held in memory, each once; what is to be written stands in the books, one row a
 * station. So an hour without Firebase costs nothing but the newest state of each station that changed.
 */
export function createMirror(parts: MirrorParts): Mirror {
  const { books, database, log, now } = parts;
  const due = new Map<string, { dueMs: number; since: Date }>();
  let cursor: string | null = null;
  let wholeLookMs = Number.NEGATIVE_INFINITY;
  let stored: { pending: number; oldestAt: Date | null } = { pending: 0, oldestAt: null };
  let waitMs = 0;
  let writeAfterMs = Number.NEGATIVE_INFINITY;

  /** Sooner wins for the moment, earlier for the age. */
  function lookAt(stationId: string, at: Date, since: Date): void {
    const before = due.get(stationId);
    due.set(stationId, { dueMs: Math.min(at.getTime(), before?.dueMs ?? Number.POSITIVE_INFINITY), since: before !== undefined && before.since < since ? before.since : since });
  }

  async function readOutbox(): Promise<void> {
    // Where the reading begins comes before the first whole look, so that nothing falls between them.
    cursor ??= await books.lastOutboxId();
    for (;;) {
      const rows = await books.readOutbox(cursor, outboxPage);
      for (const row of rows) {
        for (const change of row.changes) {
          if (change.kind === 'station' || change.kind === 'connector' || change.kind === 'session') lookAt(change.stationId, row.at, row.at);
          else if (change.kind === 'site') wholeLookMs = Number.NEGATIVE_INFINITY;
        }
      }
      cursor = rows.at(-1)?.id ?? cursor;
      if (rows.length < outboxPage) return;
    }
  }

  async function lookAtAll(): Promise<void> {
    if (now().getTime() < wholeLookMs) return;
    const began = now();
    for (let page = await books.stationsToLookAt(null, outboxPage); ; page = await books.stationsToLookAt(page.at(-1)!, outboxPage)) {
      for (const id of page) lookAt(id, began, began);
      if (page.length < outboxPage) break;
    }
    wholeLookMs = began.getTime() + wholeLookEveryMs;
  }

  async function noteDue(): Promise<void> {
    const nowMs = now().getTime();
    const ids = [...due].flatMap(([stationId, each]) => (each.dueMs <= nowMs ? [{ stationId, since: each.since }] : []));
    for (let i = 0; i < ids.length; i += stationsAtOnce) {
      const batch = ids.slice(i, i + stationsAtOnce);
      const changing = await books.noteStates(batch, now());
      // Only now: what could not be noted is looked at again.
      for (const { stationId } of batch) due.delete(stationId);
      for (const [stationId, at] of changing) lookAt(stationId, at, at);
    }
  }

  async function write(): Promise<void> {
    if (!database.isConnected() || now().getTime() < writeAfterMs) return;
    let failures = 0;
    let firstFailure: string | null = null;
    let last: UnwrittenState | null = null;
    while (database.isConnected()) {
      const page: UnwrittenState[] = await books.unwrittenStates(last, stationsAtOnce);
      const written: WrittenState[] = [];
      const queue = [...page];
      await Promise.all(Array.from({ length: Math.min(writesAtOnce, queue.length) }, async () => {
        for (let each = queue.shift(); each !== undefined && database.isConnected(); each = queue.shift()) {
          const outcome = await writeOne(each);
          if (typeof outcome === 'object') written.push(outcome);
          else {
            failures += 1;
            firstFailure ??= outcome;
          }
        }
      }));
      await books.noteWritten(written, now());
      last = page.at(-1) ?? null;
      if (page.length < stationsAtOnce) break;
    }
    if (failures > 0) log.warn({ event: 'mirror_writes_failed', count: failures, reason: firstFailure }, 'public states were not written; they come again');
    waitMs = failures === 0 ? 0 : Math.min(waitAfterFailureMs.max, waitMs === 0 ? waitAfterFailureMs.first : waitMs * 2);
    // A connection that was lost is no reason to wait once it is there again.
    writeAfterMs = failures === 0 || !database.isConnected() ? Number.NEGATIVE_INFINITY : now().getTime() + waitMs;
  }

  /** What the mirror holds now, or why it could not be written. */
  async function writeOne(each: UnwrittenState): Promise<WrittenState | string> {
    try {
      const { onMirror } = await database.write(each.publicId, each.version, each.state);
      parts.onOutcome?.(onMirror === each.version ? 'written' : 'newer-there');
      if (onMirror === each.version) parts.onWritten?.(now().getTime() - each.changedAt.getTime());
      return { stationId: each.stationId, version: each.version, onMirror };
    } catch (error) {
      parts.onOutcome?.('failed');
      return `${error instanceof Error ? error.message : String(error)} (station ${each.stationId})`;
    }
  }

  return {
    async round() {
      await readOutbox();
      await lookAtAll();
      await noteDue();
      stored = await books.backlog();
      await write();
      stored = await books.backlog();
    },
    backlog() {
      const waiting = [...due.values()].filter((each) => each.dueMs <= now().getTime());
      const oldest = waiting.reduce<Date | null>((least, each) => (least === null || each.since < least ? each.since : least), stored.oldestAt);
      return { pending: stored.pending + waiting.length, oldestAt: oldest };
    },
  };
}
