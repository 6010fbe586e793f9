import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

/** One row of a sessions file that can be played. Times are milliseconds since 1970 UTC, energy is Wh. */
export interface SessionRow {
  /** Line in the file, the header being 1. */
  line: number;
  sessionId: string;
  stationId: string;
  /** The published connector, where it is a positive number. */
  connectorId?: number;
  startMs: number;
  chargeEndMs: number;
  endMs: number;
  energyWh: number;
  userId?: string;
}

export interface RefusedRow {
  line: number;
  sessionId: string;
  reason: 'no station' | 'no session id' | 'bad time' | 'ends before it starts' | 'bad energy' | 'session id repeated';
}

export interface RepeatedKey {
  line: number;
  sessionId: string;
  /** The earlier row with the same station, connector and start. */
  sameAsLine: number;
}

export interface SessionsFile {
  /** Every data row of the file. */
  rowCount: number;
  rows: SessionRow[];
  refused: RefusedRow[];
  /** Rows with the station, connector and start of an earlier one; they are played, as sessions of their own. */
  repeated: RepeatedKey[];
}

const columns = ['session_id', 'station_id', 'connector_id', 'start_utc', 'end_utc', 'charge_end_utc', 'energy_kwh', 'user_id'] as const;

/** Reads a sessions file, plain or gzipped. @throws Error with a sentence when it is unreadable or no sessions file */
export function readSessionsFile(path: string): SessionsFile {
  let bytes: Buffer;
  try {
    bytes = readFileSync(path);
  } catch {
    throw new Error(`the sessions file ${path} cannot be read`);
  }
  const isGzip = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return parseSessions((isGzip ? gunzipSync(bytes) : bytes).toString('utf8'));
}

/** Splits CSV text into records (RFC 4180: quotes, doubled quotes, line breaks within quotes). */
export function parseCsv(text: string): Array<{ line: number; fields: string[] }> {
  const records: Array<{ line: number; fields: string[] }> = [];
  let fields: string[] = [];
  let field = '';
  let isQuoted = false;
  let line = 1;
  let startLine = 1;
  const endRecord = () => {
    fields.push(field);
    if (fields.length > 1 || fields[0] !== '') records.push({ line: startLine, fields });
    fields = [];
    field = '';
    startLine = line + 1;
  };
  for (let i = text.charCodeAt(0) === 0xfeff ? 1 : 0; i < text.length; i += 1) {
    const character = text[i];
    if (isQuoted) {
      if (character === '"' && text[i + 1] === '"') {
        field += '"';
        i += 1;
      } else if (character === '"') {
        isQuoted = false;
      } else {
        if (character === '\n') line += 1;
        field += character;
      }
    } else if (character === '"') {
      isQuoted = true;
    } else if (character === ',') {
      fields.push(field);
      field = '';
    } else if (character === '\n') {
      endRecord();
      line += 1;
    } else if (character !== '\r') {
      field += character;
    }
  }
  if (field !== '' || fields.length > 0) endRecord();
  return records;
}

/** Reads the text of a sessions file. Rows that cannot be played are refused one by one, with the reason. */
export function parseSessions(text: string): SessionsFile {
  const [header, ...records] = parseCsv(text);
  const position = new Map(header?.fields.map((name, index) => [name.trim(), index]));
  for (const name of columns) if (!position.has(name)) throw new Error(`this is no sessions file: the column ${name} is missing`);

  const file: SessionsFile = { rowCount: records.length, rows: [], refused: [], repeated: [] };
  const seenIds = new Set<string>();
  const seenKeys = new Map<string, number>();
  for (const { line, fields } of records) {
    const cell = (name: (typeof columns)[number]) => fields[position.get(name) ?? -1]?.trim() ?? '';
    const sessionId = cell('session_id');
    const row = readRow(line, cell);
    if (typeof row === 'string') {
      file.refused.push({ line, sessionId, reason: row });
      continue;
    }
    if (seenIds.has(sessionId)) {
      file.refused.push({ line, sessionId, reason: 'session id repeated' });
      continue;
    }
    seenIds.add(sessionId);
    const key = [row.stationId, cell('connector_id'), row.startMs].join('\u0000');
    const sameAsLine = seenKeys.get(key);
    if (sameAsLine === undefined) seenKeys.set(key, line);
    else file.repeated.push({ line, sessionId, sameAsLine });
    file.rows.push(row);
  }
  return file;
}

function readRow(line: number, cell: (name: (typeof columns)[number]) => string): SessionRow | RefusedRow['reason'] {
  const sessionId = cell('session_id');
  const stationId = cell('station_id');
  if (!stationId) return 'no station';
  if (!sessionId) return 'no session id';
  const startMs = Date.parse(cell('start_utc'));
  const endMs = Date.parse(cell('end_utc'));
  if (!Number.isFinite(startMs) || !Number.isFinite(endMs)) return 'bad time';
  if (endMs < startMs) return 'ends before it starts';
  const energyKwh = cell('energy_kwh');
  if (!/^\d+(\.\d+)?$/.test(energyKwh)) return 'bad energy';
  const published = Date.parse(cell('charge_end_utc'));
  const connector = cell('connector_id');
  return {
    line, sessionId, stationId, startMs, endMs,
    chargeEndMs: Number.isFinite(published) ? Math.min(Math.max(published, startMs), endMs) : endMs,
    // Half up on the digits: 1.0045 kWh are 1005 Wh, though 1.0045 * 1000 is a little less than 1004.5 in binary.
    energyWh: Math.round(Number((Number(energyKwh) * 1_000).toFixed(6))),
    ...(/^[1-9]\d{0,2}$/.test(connector) && { connectorId: Number(connector) }),
    ...(cell('user_id') && { userId: cell('user_id') }),
  };
}
