import type { Configuration } from './configuration.ts';
import type { StationEvent } from './event.ts';
import type { SecurityEvents } from './security-events.ts';
import type { StationView } from './view.ts';

export interface DiagnosticsParts {
  view: () => StationView;
  firmwareVersion: () => string | undefined;
  configuration: Pick<Configuration, 'keys' | 'tell'>;
  securityEvents: Pick<SecurityEvents, 'log'>;
  now: () => string;
}

/** Milliseconds since 1970 UTC; what is missing is open. */
export interface LogSpan { fromMs?: number; toMs?: number }

export interface Diagnostics {
  /** To be told everything that happens. */
  note(event: StationEvent): void;
  /** One JSON line each: how the charger is, its settings (no secrets, no cards), and what happened lately. */
  diagnosticsLog(span: LogSpan): Buffer;
  securityLog(span: LogSpan): Buffer;
}

const eventsMax = 500;

/** What the charger can say about itself when somebody looks for a fault. */
export function createDiagnostics({ view, firmwareVersion, configuration, securityEvents, now }: DiagnosticsParts): Diagnostics {
  const events: { at: string; [name: string]: unknown }[] = [];
  const asLines = (entries: readonly object[]) => Buffer.from(entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''), 'utf8');

  return {
    note(event) {
      // A record names a card; a log names the transaction only.
      events.push(event.kind === 'acknowledged' || event.kind === 'abandoned'
        ? { at: now(), event: event.kind, localId: event.record.localId, seqNo: event.record.seqNo }
        : { at: now(), event: event.kind, ...event });
      if (events.length > eventsMax) events.shift();
    },
    diagnosticsLog(span) {
      const { connectors, ...station } = view();
      const settings = configuration.keys().map((key) => ({ key, value: configuration.tell(key)?.value }));
      return asLines([
        { at: now(), ...station, firmwareVersion: firmwareVersion() },
        ...connectors.map(({ transaction, ...connector }) => ({ ...connector, transaction: transaction?.localId ?? null })),
        ...settings, ...events.filter(within(span)),
      ]);
    },
    securityLog: (span) => asLines(securityEvents.log().filter(within(span))),
  };
}

function within({ fromMs, toMs }: LogSpan): (entry: { at: string }) => boolean {
  return ({ at }) => Date.parse(at) >= (fromMs ?? -Infinity) && Date.parse(at) <= (toMs ?? Infinity);
}
