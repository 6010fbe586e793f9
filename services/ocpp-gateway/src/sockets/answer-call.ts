import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import type { Answer, HandlerContext } from '../profiles/handler.ts';
import type { AnyHandler } from '../profiles/inbound.ts';

/** How long the books are waited for (gateway.md 4.5). */
export interface Patience {
  /** A message that can be answered from memory is, after this long. */
  memoryAfterMs: number;
  /** Any other message is held unanswered for this long, and then fails. */
  holdMs: number;
  /** Pause between tries while it is held. */
  retryMs: number;
}

export const usualPatience: Patience = { memoryAfterMs: 2_000, holdMs: 20_000, retryMs: 500 };

const overdue = Symbol('overdue');

/**
 * Asks a handler, patiently: while the books are out of reach a message that has an answer in memory gets it, and any other one is tried again until
 * `holdMs` is over. Rejects with the handler's own error, or with BooksUnavailable. Trying again is safe: every fact has a natural key.
 */
export async function answerPatiently(
  handler: AnyHandler, request: Record<string, unknown>, context: HandlerContext, first: Promise<Answer<Record<string, unknown>>>, patience: Patience,
): Promise<Answer<Record<string, unknown>>> {
  const { fromMemory } = handler;
  const giveUpMs = Date.now() + (fromMemory ? patience.memoryAfterMs : patience.holdMs);
  let attempt = first;
  while (true) {
    let failure: BooksUnavailable;
    try {
      const outcome = await orOverdue(attempt, giveUpMs - Date.now());
      if (outcome !== overdue) return outcome;
      failure = new BooksUnavailable('an answer in time');
    } catch (error) {
      if (!(error instanceof BooksUnavailable)) throw error;
      failure = error;
    }
    if (fromMemory) return fromMemory(request, context);
    if (Date.now() + patience.retryMs >= giveUpMs) throw failure;
    await new Promise((resolve) => setTimeout(resolve, patience.retryMs));
    attempt = Promise.resolve(handler.handle(request, context));
  }
}

/** The promise's outcome, or `overdue`; a promise that is left behind may still reject, and nobody minds. */
function orOverdue<T>(promise: Promise<T>, waitMs: number): Promise<T | typeof overdue> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => resolve(overdue), Math.max(0, waitMs));
    promise.then(
      (value) => { clearTimeout(timer); resolve(value); },
      (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); },
    );
  });
}
