/** Counts one more under a key for all processes together; the window begins with the first. */
export type SharedCount = (key: string, windowMs: number) => Promise<number>;

/** Null: go on. Else after how many seconds the next one may. */
export type Limit = (key: string) => Promise<number | null>;

const windowMs = 60_000;
/** A bus that does not answer within this counts as away. */
const busPatienceMs = 250;
const keysMax = 50_000;

interface Held { window: number; left: number; blocks: number; over: boolean }

/**
 * At most `max` a minute and key over all processes. Each process takes them from the bus in blocks of a sixtieth of the limit, so that sixty requests
 * of one holder cost the bus one message; a limit below 120 is exact. While the bus is away each process counts for itself, which is milder, never closed.
 */
export function createSharedLimit(options: { name: string; max: number; count: SharedCount; nowMs?: () => number }): Limit {
  const { name, max, count, nowMs = Date.now } = options;
  const block = Math.max(1, Math.floor(max / 60));
  const held = new Map<string, Held>();

  return async (key) => {
    const window = Math.floor(nowMs() / windowMs);
    let mine = held.get(key);
    if (mine?.window !== window) {
      if (held.size >= keysMax) for (const [each, { window: of }] of held) if (of !== window || held.size >= keysMax) held.delete(each);
      mine = { window, left: 0, blocks: 0, over: false };
      held.set(key, mine);
    }
    if (mine.left > 0) {
      mine.left -= 1;
      return null;
    }
    if (!mine.over) {
      mine.blocks += 1;
      const own = mine.blocks;
      const taken = await within(count(`api/${name}/${window}/${key}`, windowMs * 2), busPatienceMs).catch(() => own);
      const before = (taken - 1) * block;
      if (before < max) {
        mine.left += Math.min(block, max - before) - 1;
        return null;
      }
      mine.over = true;
    }
    return Math.max(1, Math.ceil(((window + 1) * windowMs - nowMs()) / 1000));
  };
}

async function within<T>(work: Promise<T>, patienceMs: number): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_resolve, reject) => { timer = setTimeout(() => reject(new Error('the bus is slow')), patienceMs); });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
