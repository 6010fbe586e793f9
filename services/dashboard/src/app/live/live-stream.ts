import { LiveEvent, type LiveChange } from '@csms/contracts/live';

export interface LiveSnapshot {
  state: 'connecting' | 'live' | 'lost';
  /** When the last change came; null before the first. Milliseconds since 1970. */
  lastChangeAtMs: number | null;
  /** When anything at all was last heard, pings included: how old the screen is while the stream is lost. */
  lastHeardAtMs: number | null;
}

export interface LiveStream {
  subscribe(listener: () => void): () => void;
  snapshot(): LiveSnapshot;
  close(): void;
}

/** Our server writes a ping every 2 s; two missed ones are a lost stream (banner within 5 s). */
const silenceMsMax = 4_500;
/** A stream that comes back within this is not worth a banner. */
const graceMs = 2_000;
const retryMsMax = 8_000;

/**
 * The page's one event stream. `onChanges` gets what changed; `onResync` is called when the stream is open again after a loss: whatever was missed
 * is read anew, so a screen never needs a reload.
 */
export function openLiveStream(options: { url: string; onChanges: (changes: LiveChange[]) => void; onResync: () => void }): LiveStream {
  // The page's first data are as new as its opening.
  let snapshot: LiveSnapshot = { state: 'connecting', lastChangeAtMs: null, lastHeardAtMs: Date.now() };
  const listeners = new Set<() => void>();
  let source: EventSource | null = null;
  let missedSinceMs: number | null = null;
  let openedBefore = false;
  let retryMs = 500;
  let retryTimer: ReturnType<typeof setTimeout> | undefined;
  let closed = false;

  function set(next: Partial<LiveSnapshot>): void {
    snapshot = { ...snapshot, ...next };
    for (const listener of listeners) listener();
  }
  function heard(): void {
    missedSinceMs = null;
    retryMs = 500;
    if (snapshot.state === 'live') snapshot.lastHeardAtMs = Date.now();
    else set({ state: 'live', lastHeardAtMs: Date.now() });
  }
  function opened(): void {
    heard();
    if (openedBefore) options.onResync();
    openedBefore = true;
  }
  function missed(): void {
    missedSinceMs ??= Date.now();
  }
  function open(): void {
    if (closed) return;
    source?.close();
    const current = new EventSource(options.url);
    source = current;
    current.addEventListener('open', opened);
    current.addEventListener('ping', heard);
    // The server no longer knows what was missed.
    current.addEventListener('resync', () => { heard(); options.onResync(); });
    current.addEventListener('change', (event: MessageEvent<string>) => {
      heard();
      const parsed = LiveEvent.safeParse(JSON.parse(event.data));
      // An event of a newer version than this page: read everything anew rather than miss a change.
      if (!parsed.success) options.onResync();
      else if (parsed.data.changes.length > 0) options.onChanges(parsed.data.changes);
      set({ lastChangeAtMs: Date.now() });
    });
    current.addEventListener('error', () => {
      missed();
      // The browser itself retries a broken connection; an answer that is not a stream ends it for good, so we do.
      if (current.readyState === EventSource.CLOSED && source === current) scheduleOpen();
    });
  }
  function scheduleOpen(): void {
    clearTimeout(retryTimer);
    retryTimer = setTimeout(open, retryMs);
    retryMs = Math.min(retryMs * 2, retryMsMax);
  }
  const watchdog = setInterval(() => {
    const now = Date.now();
    if (snapshot.state === 'live' && snapshot.lastHeardAtMs !== null && now - snapshot.lastHeardAtMs > silenceMsMax) {
      missedSinceMs ??= snapshot.lastHeardAtMs;
      set({ state: 'lost' });
      open();
    } else if (snapshot.state !== 'lost' && missedSinceMs !== null && now - missedSinceMs > graceMs) set({ state: 'lost' });
  }, 500);
  const online = (): void => { if (snapshot.state === 'lost') open(); };
  window.addEventListener('online', online);
  open();
  return {
    subscribe(listener) { listeners.add(listener); return () => listeners.delete(listener); },
    snapshot: () => snapshot,
    close() {
      closed = true;
      clearInterval(watchdog);
      clearTimeout(retryTimer);
      window.removeEventListener('online', online);
      source?.close();
    },
  };
}
