import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import type { Answer, HandlerContext } from '../profiles/handler.ts';
import type { AnyHandler } from '../profiles/inbound.ts';
import type { OverdueSlot } from './overdue-watch.ts';

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

type Response = Record<string, unknown>;

/**
 * Waits, patiently, for a handler's first try: while the books are out of reach a message that has an answer in memory gets it, and any other one is tried
 * again until `holdMs` is over. Ends in exactly one of `onAnswer` and `onError`, with the handler's own error or with BooksUnavailable. Trying again
 * is safe: every fact has a natural key.
 */
export function awaitPatiently(
  call: { handler: AnyHandler; request: Response; context: HandlerContext; first: Promise<Answer<Response>> },
  patience: Patience, slot: OverdueSlot, onAnswer: (answer: Answer<Response>) => void, onError: (error: unknown) => void,
): void {
  const { handler, request, context } = call;
  const { fromMemory } = handler;
  const giveUpMs = Date.now() + (fromMemory ? patience.memoryAfterMs : patience.holdMs);
  let ended = false;
  const end = (): boolean => {
    if (ended) return false;
    ended = true;
    slot.clear();
    return true;
  };
  const giveUp = (failure: BooksUnavailable): void => {
    if (!end()) return;
    if (fromMemory) onAnswer(fromMemory(request, context));
    else onError(failure);
  };
  // The books may also never answer at all.
  slot.set(giveUpMs, () => giveUp(new BooksUnavailable('an answer in time')));
  const tryOnce = (attempt: Promise<Answer<Response>>): void => {
    attempt.then(
      (answer) => { if (end()) onAnswer(answer); },
      (error: unknown) => {
        if (!(error instanceof BooksUnavailable)) { if (end()) onError(error); return; }
        if (fromMemory || Date.now() + patience.retryMs >= giveUpMs) giveUp(error);
        else setTimeout(() => { if (!ended) tryOnce(Promise.resolve(handler.handle(request, context))); }, patience.retryMs);
      },
    );
  };
  tryOnce(call.first);
}
