import type { Page, Session, SessionCurve, Station } from '@csms/contracts/http/index';
import type { LiveChange } from '@csms/contracts/live';
import type { InfiniteData, QueryClient, QueryKey } from '@tanstack/react-query';

/** How often one question may be asked again because of the stream: a busy site changes many times a second. */
const askAgainMs = 700;

export interface ChangeApplier { apply(changes: LiveChange[]): void; resync(): void; close(): void }

/**
 * Brings changes onto the screen: what an event carries is patched into the answers at once, and the questions whose answers it may have
 * changed are asked again, each at most once in `askAgainMs`. Questions that no open screen asks are only marked stale.
 */
export function createChangeApplier(client: QueryClient): ChangeApplier {
  const timers = new Map<string, ReturnType<typeof setTimeout>>();

  // The first change waits a little too: the events of one message come in a burst, and one question answers them all.
  function askAgain(queryKey: QueryKey): void {
    const id = JSON.stringify(queryKey);
    if (timers.has(id)) return;
    timers.set(id, setTimeout(() => {
      timers.delete(id);
      void client.invalidateQueries({ queryKey });
    }, askAgainMs));
  }

  function patchStation(stationId: string, patch: (station: Station) => Station): void {
    client.setQueryData<Station>(['station', stationId], (station) => station && patch(station));
    client.setQueriesData<InfiniteData<Page<Station>>>({ queryKey: ['stations'] }, (data) => data && mapItems(data, (station) => (station.id === stationId ? patch(station) : station)));
  }
  function patchSession(sessionId: string, patch: (session: Session) => Session): void {
    client.setQueryData<Session>(['session', sessionId], (session) => session && patch(session));
    client.setQueriesData<InfiniteData<Page<Session>>>({ queryKey: ['sessions'] }, (data) => data && mapItems(data, (session) => (session.id === sessionId ? patch(session) : session)));
  }

  function applyOne(change: LiveChange): void {
    switch (change.kind) {
      case 'station':
        if (change.online !== undefined) {
          const { online } = change;
          patchStation(change.stationId, (station) => (station.online === online ? station : { ...station, online, since: change.at, worst: online ? station.worst : 'offline' }));
        }
        askAgain(['station', change.stationId]); askAgain(['stations']); askAgain(['overview']);
        return;
      case 'connector':
        patchStation(change.stationId, (station) => ({
          ...station,
          connectors: station.connectors.map((connector) => (connector.evseId === change.evseId && connector.connectorId === change.connectorId
            ? { ...connector, status: change.status, errorCode: change.errorCode === undefined ? connector.errorCode : change.errorCode, statusAt: change.at } : connector)),
        }));
        askAgain(['station', change.stationId]); askAgain(['stations']); askAgain(['overview']);
        return;
      case 'session':
        patchSession(change.sessionId, (session) => ({
          ...session, state: change.state, lastReadingAt: change.at, energyWh: change.energyWh ?? session.energyWh,
          powerW: change.powerW === undefined ? session.powerW : change.powerW, socPct: change.socPct ?? session.socPct,
        }));
        patchStation(change.stationId, (station) => ({
          ...station,
          connectors: station.connectors.map((connector) => (connector.session?.id === change.sessionId
            ? { ...connector, session: { ...connector.session, energyWh: change.energyWh ?? connector.session.energyWh, powerW: change.powerW === undefined ? connector.session.powerW : change.powerW, socPct: change.socPct ?? connector.session.socPct, lastReadingAt: change.at } } : connector)),
        }));
        if (change.state === 'active' && (change.energyWh ?? change.powerW ?? null) !== null) {
          client.setQueryData<SessionCurve>(['curve', change.sessionId], (curve) => curve && appendPoint(curve, change));
        }
        askAgain(['session', change.sessionId]); askAgain(['curve', change.sessionId]); askAgain(['explanation', change.sessionId]);
        askAgain(['station', change.stationId]); askAgain(['stations']); askAgain(['sessions']); askAgain(['overview']);
        return;
      case 'bill':
        askAgain(['session', change.sessionId]); askAgain(['explanation', change.sessionId]); askAgain(['sessions']); askAgain(['overview']);
        return;
      case 'command':
        askAgain(['commands', change.stationId]);
        return;
      case 'site':
        askAgain(['sites']); askAgain(['overview']); askAgain(['stations']);
        return;
      case 'forecast':
        askAgain(['forecast', change.siteId]); askAgain(['models', change.siteId]);
        return;
      case 'reservation':
        askAgain(['reservations']); askAgain(['station', change.stationId]);
        return;
      case 'enrolment':
        askAgain(['enrolment', change.enrolmentId]);
        return;
      case 'knocking':
        askAgain(['knocking']); askAgain(['overview']);
    }
  }

  return {
    apply: (changes) => changes.forEach(applyOne),
    resync: () => { void client.invalidateQueries(); },
    close: () => { for (const timer of timers.values()) clearTimeout(timer); timers.clear(); },
  };
}

function mapItems<T>(data: InfiniteData<Page<T>>, patch: (item: T) => T): InfiniteData<Page<T>> {
  return { ...data, pages: data.pages.map((page) => ({ ...page, items: page.items.map(patch) })) };
}

function appendPoint(curve: SessionCurve, change: Extract<LiveChange, { kind: 'session' }>): SessionCurve {
  const last = curve.points.at(-1);
  if (last && last.at >= change.at) return curve;
  return { ...curve, readings: curve.readings + 1, points: [...curve.points, { at: change.at, powerW: change.powerW ?? null, energyWh: change.energyWh ?? null, socPct: change.socPct ?? null }] };
}
