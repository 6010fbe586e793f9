import { createContext, useContext, useEffect, useState, useSyncExternalStore, type ReactNode } from 'react';
import { useQueryClient } from '@tanstack/react-query';
import { apiBase } from '../api/client.ts';
import { createChangeApplier } from './apply-changes.ts';
import { openLiveStream, type LiveSnapshot, type LiveStream } from './live-stream.ts';

const LiveContext = createContext<LiveStream | null>(null);
const connecting: LiveSnapshot = { state: 'connecting', lastChangeAtMs: null, lastHeardAtMs: null };

/** Opens the one event stream of the page for as long as someone is signed in. */
export function LiveProvider({ children }: { children: ReactNode }) {
  const client = useQueryClient();
  const [stream, setStream] = useState<LiveStream | null>(null);
  useEffect(() => {
    const applier = createChangeApplier(client);
    const opened = openLiveStream({ url: `${apiBase}/events`, onChanges: applier.apply, onResync: applier.resync });
    setStream(opened);
    return () => { opened.close(); applier.close(); };
  }, [client]);
  return <LiveContext value={stream}>{children}</LiveContext>;
}

export function useLive(): LiveSnapshot {
  const stream = useContext(LiveContext);
  return useSyncExternalStore(stream?.subscribe ?? (() => () => undefined), stream ? stream.snapshot : () => connecting);
}
