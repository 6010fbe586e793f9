import { z } from 'zod';
import type { ClockPort } from '../ports.ts';
import type { TokenVerdict } from '../dialect/dialect.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import type { Configuration } from './configuration.ts';

/** One card of the local authorization list; `info` is missing where a differential update removes it. */
export interface ListUpdate {
  idToken: string;
  info?: { status: string; group?: string; expiresAtMs?: number };
}

export interface LocalListParts {
  kept: KeptValues;
  configuration: Pick<Configuration, 'isOn' | 'integer'>;
  clock: Pick<ClockPort, 'nowMs'>;
}

export interface LocalList {
  /** The version of the list; 0 while there is none, -1 while lists are switched off (OCPP 1.6, 5.10). */
  version(): number;
  /** Replaces or changes the list; either all of it is taken or nothing (OCPP 1.6, 5.15). */
  update(version: number, isFull: boolean, updates: ListUpdate[]): 'Accepted' | 'Failed' | 'NotSupported' | 'VersionMismatch';
  /** What the list says of a card; undefined when it does not name it, or is switched off. */
  verdictOf(idToken: string): TokenVerdict | undefined;
}

const Entry = z.object({ status: z.string(), group: z.string().optional(), expiresAtMs: z.number().optional() });
const Kept = z.object({ version: z.number().int(), cards: z.record(z.string(), Entry) });
type Entries = Map<string, z.infer<typeof Entry>>;

const keptName = 'localList';

/** Identifiers are compared whatever their case (CiString20Type). */
const keyOf = (idToken: string): string => idToken.toLowerCase();

/** The cards that the CSMS wants known at the charger, also without a line (OCPP 1.6, 3.5.2). */
export function createLocalList({ kept, configuration, clock }: LocalListParts): LocalList {
  const stored = kept.read(keptName, Kept);
  let version = stored?.version ?? 0;
  let cards: Entries = new Map(Object.entries(stored?.cards ?? {}));

  /** The list after the update; undefined when it cannot be carried out. */
  function updated(isFull: boolean, updates: ListUpdate[]): Entries | undefined {
    const isTwice = new Set(updates.map(({ idToken }) => keyOf(idToken))).size < updates.length;
    if (isTwice || updates.length > configuration.integer('SendLocalListMaxLength')) return undefined;
    const next: Entries = new Map(isFull ? [] : cards);
    for (const { idToken, info } of updates) {
      if (info) next.set(keyOf(idToken), info);
      else if (isFull) return undefined;
      else next.delete(keyOf(idToken));
    }
    return next.size > configuration.integer('LocalAuthListMaxLength') ? undefined : next;
  }

  return {
    version: () => (configuration.isOn('LocalAuthListEnabled') ? version : -1),
    update(nextVersion, isFull, updates) {
      if (!configuration.isOn('LocalAuthListEnabled')) return 'NotSupported';
      if (nextVersion <= 0) return 'Failed';
      if (!isFull && nextVersion <= version) return 'VersionMismatch';
      const next = updated(isFull, updates);
      if (!next) return 'Failed';
      kept.write(keptName, { version: nextVersion, cards: Object.fromEntries(next) });
      [version, cards] = [nextVersion, next];
      return 'Accepted';
    },
    verdictOf(idToken) {
      const entry = configuration.isOn('LocalAuthListEnabled') ? cards.get(keyOf(idToken)) : undefined;
      if (!entry) return undefined;
      const status = entry.expiresAtMs !== undefined && entry.expiresAtMs <= clock.nowMs() ? 'Expired' : entry.status;
      return { accepted: status === 'Accepted', status, group: entry.group };
    },
  };
}
