import type { Command, Page, Session, Station } from '@csms/contracts/http/index';
import type { Seen } from './command-stages.tsx';

/** Reads from the facts whether an accepted command took effect: the books are the witness, not the answer of the station. */
export function seenInFacts(command: Command, station: Station, sessions: Page<Session>['items']): Seen | null {
  const after = (at: string | null): string | null => (at !== null && at >= command.createdAt ? at : null);
  switch (command.action) {
    case 'remote-stop': {
      const session = sessions.find((each) => each.id === command.sessionId);
      return { kind: 'remote-stop', at: session && session.state !== 'active' ? session.endReceivedAt ?? session.endedAt : null };
    }
    case 'remote-start': {
      const started = sessions.filter((each) => each.startReceivedAt >= command.createdAt).at(-1);
      return { kind: 'remote-start', at: started?.startReceivedAt ?? null };
    }
    case 'reset': return { kind: 'reset', at: after(station.bootedAt) };
    case 'change-availability': {
      const changed = [station.statusAt, ...station.connectors.map((connector) => connector.statusAt)].map(after).filter((at) => at !== null).sort()[0];
      return { kind: 'availability', at: changed ?? null };
    }
    default: return null;
  }
}
