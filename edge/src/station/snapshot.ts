import type { TokenVerdict } from '../dialect/dialect.ts';
import { boolean, number, object, optionalObject, optionalText, text, type Json } from '../fields.ts';
import type { Journal } from '../ports.ts';
import { readLines } from '../queue/transaction-record.ts';

/** A transaction that has begun and not ended, as it must survive a power loss. */
export interface OpenTransaction {
  localId: string;
  idToken: string;
  startedAt: string;
  meterStartWh: number;
  nextSeqNo: number;
}

/** What a charger remembers over a restart, besides its queue. */
export interface Snapshot {
  /** The last moment at which this was written, RFC 3339 UTC. */
  aliveAt?: string;
  connectors: { [connectorId: string]: { registerWh: number; operative: boolean; transaction: OpenTransaction | null } };
  configuration: { [key: string]: string };
  cache: { [idToken: string]: TokenVerdict };
}

export interface SnapshotFile {
  load(): Snapshot;
  /** On the disk when this returns. */
  save(snapshot: Snapshot): void;
}

const replaceAfterLines = 200;

/** The last complete line of the journal is the state; older lines are dropped now and then. */
export function openSnapshot(journal: Journal): SnapshotFile {
  let current: Snapshot = { connectors: {}, configuration: {}, cache: {} };
  const last = readLines(journal.lines()).at(-1);
  if (last) current = parseSnapshot(last);
  let lines = journal.lines().length;

  return {
    load: () => current,
    save(snapshot) {
      current = snapshot;
      const line = JSON.stringify(snapshot);
      lines += 1;
      if (lines > replaceAfterLines) {
        journal.replace([line]);
        lines = 1;
      } else {
        journal.append(line, true);
      }
    },
  };
}

function parseSnapshot(json: Json): Snapshot {
  const snapshot: Snapshot = { aliveAt: optionalText(json, 'aliveAt'), connectors: {}, configuration: {}, cache: {} };
  for (const [connectorId, value] of Object.entries(object(json['connectors'], 'connectors'))) {
    const connector = object(value);
    const open = optionalObject(connector, 'transaction');
    snapshot.connectors[connectorId] = {
      registerWh: number(connector, 'registerWh'),
      operative: boolean(connector, 'operative'),
      transaction: open ? {
        localId: text(open, 'localId'), idToken: text(open, 'idToken'), startedAt: text(open, 'startedAt'),
        meterStartWh: number(open, 'meterStartWh'), nextSeqNo: number(open, 'nextSeqNo'),
      } : null,
    };
  }
  for (const [key, value] of Object.entries(object(json['configuration'], 'configuration'))) {
    if (typeof value === 'string') snapshot.configuration[key] = value;
  }
  for (const [idToken, value] of Object.entries(object(json['cache'], 'cache'))) {
    const verdict = object(value);
    snapshot.cache[idToken] = { accepted: boolean(verdict, 'accepted'), status: text(verdict, 'status'), group: optionalText(verdict, 'group') };
  }
  return snapshot;
}
