import { expect, it } from 'vitest';
import { pointsFromStart, sessionSpan } from './session-points.ts';

const startedAt = '2026-03-10T05:00:00.000Z';
const reading = { at: '2026-03-10T05:00:05.000Z', powerW: 7_000, energyWh: 9, socPct: null };
const startS = Date.parse(startedAt) / 1_000;

it('begins the curve of a session at its start, where nothing was counted yet', () => {
  expect(pointsFromStart({ startedAt, meterStartWh: 1_000 }, [reading])).toEqual([{ at: startedAt, powerW: null, energyWh: 0, socPct: null }, reading]);
  expect(pointsFromStart({ startedAt, meterStartWh: 1_000 }, [])).toHaveLength(1);
});

it('adds no start where a reading stands there already, and no energy where the start never came', () => {
  const atStart = { ...reading, at: startedAt };
  expect(pointsFromStart({ startedAt, meterStartWh: 1_000 }, [atStart, reading])).toEqual([atStart, reading]);
  expect(pointsFromStart({ startedAt, meterStartWh: null }, [reading])[0]).toMatchObject({ at: startedAt, energyWh: null });
});

it('shows the time from the start to now, or to the end, and a minute at least', () => {
  const points = pointsFromStart({ startedAt, meterStartWh: 0 }, [reading]);
  expect(sessionSpan({ startedAt, endedAt: null }, points, Date.parse(startedAt) + 6_000)).toEqual({ fromS: startS, toS: startS + 60 });
  expect(sessionSpan({ startedAt, endedAt: null }, points, Date.parse(startedAt) + 123_000)).toEqual({ fromS: startS, toS: startS + 130 });
  expect(sessionSpan({ startedAt, endedAt: '2026-03-10T05:30:00.000Z' }, points, Date.parse(startedAt) + 9_000_000)).toEqual({ fromS: startS, toS: startS + 1_800 });
});
