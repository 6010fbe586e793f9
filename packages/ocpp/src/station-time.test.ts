import { expect, it } from 'vitest';
import { parseStationTime } from './station-time.ts';

it.each([
  ['2026-11-24T09:00:00Z', '2026-11-24T09:00:00.000Z'],
  ['2026-11-24T16:00:00+07:00', '2026-11-24T09:00:00.000Z'],
  ['2026-11-24T16:00:00+07', '2026-11-24T09:00:00.000Z'],
  ['2026-11-24T09:00:00', '2026-11-24T09:00:00.000Z'],
  ['2026-11-24T09:00:00.123456', '2026-11-24T09:00:00.123Z'],
  ['2026-11-24 09:00:00', '2026-11-24T09:00:00.000Z'],
  ['1970-01-01T00:00:00Z', '1970-01-01T00:00:00.000Z'],
])('%s is %s', (text, iso) => expect(parseStationTime(text)?.toISOString()).toBe(iso));

it('a text that is no time is null', () => expect(parseStationTime('yesterday')).toBeNull());
