import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/*
 * What the file says must be on the books. This reads, hashes and shifts by itself: it shares no line with the replay,
 * so that a mistake there cannot be repeated here.
 */

export interface ExpectedSession {
  line: number;
  sessionId: string;
  identity: string;
  idTag: string;
  startedAt: number;
  endedAt: number;
  energyWh: number;
  /** Whole seconds between the end of the charging and the end. */
  idleSeconds: number;
}

export interface FileTruth {
  rows: number;
  /** Rows that nobody can play: without a station, without an id, with a time or an energy that is none, or whose id came before. */
  refused: number;
  refusedWithoutStation: number;
  /** Lines whose station, connector and start came before under another id. */
  repeatedLines: number[];
  expected: ExpectedSession[];
  shiftWeeks: number;
}

const oneWeek = 604_800_000;

/** Reads a file of sessions for a replay that was made at `asOf`. @throws Error when the file is unreadable */
export function readFileTruth(path: string, asOf: Date): FileTruth {
  const raw = readFileSync(path);
  const text = (raw.subarray(0, 2).equals(Buffer.from([0x1f, 0x8b])) ? gunzipSync(raw) : raw).toString('utf8');
  return fileTruthOf(text, asOf);
}

export function fileTruthOf(text: string, asOf: Date): FileTruth {
  const table = splitTable(text);
  const names = table.shift()?.cells ?? [];
  const truth: FileTruth = { rows: table.length, refused: 0, refusedWithoutStation: 0, repeatedLines: [], expected: [], shiftWeeks: 0 };
  const ids = new Set<string>();
  const naturalKeys = new Set<string>();
  const accepted: Array<ExpectedSession & { stationId: string }> = [];

  for (const { line, cells } of table) {
    const row = Object.fromEntries(names.map((name, index) => [name.trim(), (cells[index] ?? '').trim()]));
    const start = Date.parse(row['start_utc'] ?? '');
    const end = Date.parse(row['end_utc'] ?? '');
    const kwh = row['energy_kwh'] ?? '';
    const id = row['session_id'] ?? '';
    const stationId = row['station_id'] ?? '';
    const isPlayable = stationId !== '' && id !== '' && end >= start && /^\d+(?:\.\d+)?$/.test(kwh) && !ids.has(id);
    if (!isPlayable) {
      truth.refused += 1;
      if (stationId === '') truth.refusedWithoutStation += 1;
      continue;
    }
    ids.add(id);
    const naturalKey = `${stationId}|${row['connector_id']}|${start}`;
    if (naturalKeys.has(naturalKey)) truth.repeatedLines.push(line);
    naturalKeys.add(naturalKey);
    const chargeEnd = Date.parse(row['charge_end_utc'] ?? '');
    const flowedUntil = chargeEnd >= start && chargeEnd < end ? chargeEnd : chargeEnd < start ? start : end;
    accepted.push({
      line, sessionId: id, stationId, identity: '', idTag: cardOf(id, row['user_id'] ?? ''), startedAt: start, endedAt: end,
      energyWh: wattHours(kwh), idleSeconds: Math.round((end - flowedUntil) / 1_000),
    });
  }

  let lastEnd = -Infinity;
  for (const session of accepted) if (session.endedAt > lastEnd) lastEnd = session.endedAt;
  if (accepted.length > 0) truth.shiftWeeks = Math.floor((asOf.getTime() - lastEnd) / oneWeek);
  const identities = identitiesOf(accepted.map((session) => session.stationId));
  truth.expected = accepted.map(({ stationId, ...session }) => ({
    ...session, identity: identities.get(stationId) ?? '',
    startedAt: session.startedAt + truth.shiftWeeks * oneWeek, endedAt: session.endedAt + truth.shiftWeeks * oneWeek,
  }));
  return truth;
}

/** Watt-hours of a decimal text, rounded half up on its digits, without going through a fraction. */
function wattHours(kwh: string): number {
  const [whole = '0', fraction = ''] = kwh.split('.');
  const digits = `${fraction}0000`.slice(0, 4);
  const tenths = BigInt(whole) * 10_000n + BigInt(digits);
  return Number((tenths + 5n) / 10n);
}

/** A published user of 1 to 20 printable characters is the card; anything else is hashed. */
function cardOf(sessionId: string, userId: string): string {
  const isCard = userId.length > 0 && userId.length <= 20 && [...userId].every((c) => c > ' ' && c <= '~');
  if (isCard) return userId;
  const digest = createHash('sha256').update(userId === '' ? sessionId : userId, 'utf8').digest();
  return digest.subarray(0, 8).toString('hex');
}

function identitiesOf(stationIds: string[]): Map<string, string> {
  const plain = (id: string) => {
    let out = '';
    for (const character of id) {
      if (/[A-Za-z0-9*\-_=:+|@.]/.test(character)) out += character;
      else if (!out.endsWith('\u0000')) out += '\u0000';
    }
    out = out.replaceAll('\u0000', '-');
    while (out.startsWith('-')) out = out.slice(1);
    while (out.endsWith('-')) out = out.slice(0, -1);
    return out.slice(0, 48) || 'station';
  };
  const users = new Map<string, Set<string>>();
  for (const id of stationIds) users.set(plain(id), (users.get(plain(id)) ?? new Set()).add(id));
  const result = new Map<string, string>();
  for (const id of new Set(stationIds)) {
    const isShared = (users.get(plain(id))?.size ?? 0) > 1;
    result.set(id, isShared ? `${plain(id).slice(0, 39)}-${createHash('sha256').update(id).digest('hex').substring(0, 8)}` : plain(id));
  }
  return result;
}

/** Comma-separated text with quotes, by a pattern over the whole of it. */
function splitTable(text: string): Array<{ line: number; cells: string[] }> {
  const table: Array<{ line: number; cells: string[] }> = [];
  const token = /(?:"((?:[^"]|"")*)"|([^",\r\n]*))(,|\r?\n|$)/gy;
  token.lastIndex = text.startsWith('\ufeff') ? 1 : 0;
  let cells: string[] = [];
  let line = 1;
  let startLine = 1;
  while (token.lastIndex < text.length) {
    const match = token.exec(text);
    if (!match) throw new Error(`line ${line} is no comma-separated text`);
    const [whole, quoted, plain, separator] = match;
    cells.push(quoted === undefined ? plain ?? '' : quoted.replaceAll('""', '"'));
    line += whole.split('\n').length - 1;
    if (separator === ',' && token.lastIndex === text.length) cells.push('');
    if (separator !== ',' || token.lastIndex === text.length) {
      if (cells.length > 1 || cells[0] !== '') table.push({ line: startLine, cells });
      cells = [];
      startLine = line;
    }
  }
  return table;
}
