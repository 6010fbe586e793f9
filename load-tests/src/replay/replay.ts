import { createRandom, createSystemClock } from '@csms/edge';
import { playStation, type PlayedStation } from './player.ts';
import { scheduleReplay, type DialectChoice, type ScheduledStation } from './schedule.ts';
import { readSessionsFile, type RefusedRow, type RepeatedKey } from './sessions-file.ts';

export interface ReplayOptions {
  file: string;
  /** Address without the identity, e.g. ws://127.0.0.1:9220/ocpp/demo */
  ocppUrl: string;
  /** Makes the station known and gives the password to connect with (undefined: none). */
  registerStation: (station: Pick<ScheduledStation, 'identity' | 'dialect' | 'connectorCount'>) => Promise<string | undefined>;
  /** Makes the card known. Absent: cards are known already, or shall be unknown. */
  registerToken?: (idTag: string) => Promise<void>;
  dialect?: DialectChoice;
  /** How many stations play at once. */
  concurrency?: number;
  seed?: string;
  /** The moment that the file is shifted to. The audit needs the same. */
  asOf?: Date;
  giveUpAfterMs?: number;
  onProgress?: (progress: ReplayProgress) => void;
}

export interface ReplayProgress {
  phase: 'registering' | 'playing';
  done: number;
  total: number;
}

export interface ReplayResult {
  asOf: string;
  shiftWeeks: number;
  rows: number;
  /** Rows that were played. */
  sessions: number;
  energyWh: number;
  refused: RefusedRow[];
  repeated: RepeatedKey[];
  stations: PlayedStation[];
}

const giveUpAfterMsDefault = 120_000;

/**
 * Plays a sessions file as chargers on real sockets, every session to its end.
 * @throws Error when the file is no sessions file, or a station gets no answer for `giveUpAfterMs`
 */
export async function replayFile(options: ReplayOptions): Promise<ReplayResult> {
  const file = readSessionsFile(options.file);
  const asOf = options.asOf ?? new Date();
  const { shiftWeeks, stations } = scheduleReplay(file.rows, { nowMs: asOf.getTime(), dialect: options.dialect ?? '1.6' });
  const concurrency = options.concurrency ?? 16;
  const clock = createSystemClock();

  const tokens = options.registerToken ? [...new Set(stations.flatMap((station) => station.sessions.map((session) => session.idTag)))] : [];
  let registered = 0;
  const tellRegistered = () => options.onProgress?.({ phase: 'registering', done: ++registered, total: stations.length + tokens.length });
  const passwords = new Map<string, string | undefined>();
  await inParallel(stations, 4, async ({ identity, dialect, connectorCount }) => {
    passwords.set(identity, await options.registerStation({ identity, dialect, connectorCount }));
    tellRegistered();
  });
  await inParallel(tokens, 8, async (idTag) => {
    await options.registerToken?.(idTag);
    tellRegistered();
  });

  let done = 0;
  const played: PlayedStation[] = [];
  // The longest first, so that the last minutes are not one station alone.
  const longestFirst = [...stations].sort((a, b) => b.sessions.length - a.sessions.length);
  await inParallel(longestFirst, concurrency, async (station) => {
    played.push(await playStation({
      station, ocppUrl: options.ocppUrl, password: passwords.get(station.identity), clock,
      random: createRandom(`${options.seed ?? 'replay'}/${station.identity}`),
      giveUpAfterMs: options.giveUpAfterMs ?? giveUpAfterMsDefault,
      onSession: () => options.onProgress?.({ phase: 'playing', done: ++done, total: file.rows.length }),
    }));
  });

  return {
    asOf: asOf.toISOString(), shiftWeeks, rows: file.rowCount, sessions: file.rows.length,
    energyWh: file.rows.reduce((sum, row) => sum + row.energyWh, 0),
    refused: file.refused, repeated: file.repeated,
    stations: played.sort((a, b) => (a.identity < b.identity ? -1 : 1)),
  };
}

/** Works off a list, `limit` at a time. The first failure stops the taking of further items; what runs is waited for. */
async function inParallel<T>(items: T[], limit: number, work: (item: T) => Promise<void>): Promise<void> {
  const rest = [...items];
  const failures: unknown[] = [];
  await Promise.all(Array.from({ length: Math.max(1, Math.min(limit, items.length)) }, async () => {
    for (let item = rest.shift(); item !== undefined && failures.length === 0; item = rest.shift()) {
      await work(item).catch((error: unknown) => void failures.push(error));
    }
  }));
  if (failures.length > 0) throw failures[0];
}
