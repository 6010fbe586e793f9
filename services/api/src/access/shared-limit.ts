/** Counts one more under a key for all processes together; the window begins with the first. */
export type SharedCount = (key: string, windowMs: number) => Promise<number>;

/** Null: go on. Else after how many seconds the next one may. */
export type Limit = (key: string) => Promise<number | null>;

const windowMs = 60_000;
/** A bus that does not answer within this counts as away. */
const busPatienceMs = 250;
const keysMax = 50_000;

interface Held { window: number; left: number; blocks: number; over: boolean; asking: Promise<void> | null }

/**
 * At most `max` a minute and key over all processes. Each process takes them from the bus in blocks of a sixtieth of the limit, so that sixty messages
 * to the bus are all that one holder can cost; a limit below 120 is exact. While the bus is away each process counts for itself, which is milder, never closed.
 */
export function createSharedLimit(options: { name: string; max: number; count: SharedCount; nowMs?: () => number }): Limit {
  const { name, max, count, nowMs = Date.now } = options;
  const block = Math.max(1, Math.floor(max / 60));
  const held = new Map<string, Held>();

  function heldOf(key: string): Held {
    const window = Math.floor(nowMs() / windowMs);
    const known = held.get(key);
    if (known?.window === window) return known;
    if (held.size >= keysMax) for (const [each, { window: of }] of held) if (of !== window || held.size >= keysMax) held.delete(each);
    const fresh: Held = { window, left: 0, blocks: 0, over: false, asking: null };
    held.set(key, fresh);
    return fresh;
  }

  /** One more block of this minute, or the knowledge that there is none. */
  async function takeBlock(key: string, mine: Held): Promise<void> {
    mine.blocks += 1;
    const taken = await within(count(`api/${name}/${mine.window}/${key}`, windowMs * 2), busPatienceMs).catch(() => mine.blocks);
    const before = (taken - 1) * block;
    if (before < max) mine.left += Math.min(block, max - before);
    else mine.over = true;
    mine.asking = null;
  }

  return async (key) => {
    const mine = heldOf(key);
    for (;;) {
      if (mine.left > 0) {
        mine.left -= 1;
        return null;
      }
      if (mine.over) return Math.max(1, Math.ceil(((mine.window + 1) * windowMs - nowMs()) / 1000));
      await (mine.asking ??= takeBlock(key, mine));
    }
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
