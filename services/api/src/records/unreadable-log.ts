import type { Logger } from '@csms/kit';

/** Records of the books that fit no schema: each is logged once in the life of a process, however often its page is read. */
export interface UnreadableLog {
  /** The record was shown without what could not be read of it. */
  shownInPart(where: string, id: string, what: string): void;
  /** The record could not be shown at all. */
  leftOut(where: string, id: string, err: unknown): void;
}

/** More than this are not told apart any more: the books have a greater trouble than a record. */
const rememberedMax = 10_000;

export function openUnreadableLog(log: Logger): UnreadableLog {
  const seen = new Set<string>();
  const isNew = (key: string): boolean => {
    if (seen.has(key) || seen.size >= rememberedMax) return false;
    seen.add(key);
    return true;
  };
  return {
    shownInPart(where, id, what) {
      if (isNew(`${what} ${id}`)) log.warn({ event: 'unreadable_record', where, id, what }, 'a record of the books is shown without what cannot be read of it');
    },
    leftOut(where, id, err) {
      if (isNew(`${where} ${id}`)) log.warn({ event: 'record_left_out', where, id, err }, 'a record of the books fits no schema and is left out');
    },
  };
}
