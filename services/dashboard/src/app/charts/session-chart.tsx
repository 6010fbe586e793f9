import type { Session, SessionCurve } from '@csms/contracts/http/index';
import { useCallback, useMemo, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type uPlot from 'uplot';
import { quantityText, type Formats } from '../formats.ts';
import { pointsFromStart, sessionSpan } from './session-points.ts';
import { axis, themeColor, TimeChart, type ChartData, type ChartSpec } from './time-chart.tsx';

/** Power as an area, energy as a line with its own axis, state of charge dashed where the vehicle tells it. */
export default function SessionChart({ curve, session, f, nowMs, label }: { curve: SessionCurve; session: Session; f: Formats; nowMs: number; label: string }) {
  const { t } = useTranslation();
  const [index, setIndex] = useState<number | null>(null);
  const onCursor = useCallback((next: number | null) => setIndex(next), []);
  const points = useMemo(() => pointsFromStart(session, curve.points), [session, curve.points]);
  // The end of the axis moves on with the clock; it is read when the data are drawn, so that the picture itself stays.
  const { fromS, toS } = sessionSpan(session, points, nowMs);
  const span = useRef<[number, number]>([fromS, toS]);
  span.current = [fromS, toS];
  const hasSoc = points.some((point) => point.socPct !== null);
  const spec = useMemo<ChartSpec>(() => ({
    height: 260, timeZone: f.timeZone,
    scales: { x: { time: true, range: () => span.current }, kW: { range: (_u, _min, max) => [0, Math.max(1, max ?? 1) * 1.1] }, kWh: { range: (_u, _min, max) => [0, Math.max(0.5, max ?? 0.5) * 1.1] }, soc: { range: [0, 100] } },
    axes: [
      axis({ scale: 'x', values: (splits) => splits.map((each) => ((splits[1] ?? 0) - (splits[0] ?? 0) < 60 ? f.timeWithSeconds(each * 1_000) : f.time(each * 1_000))) }),
      axis({ scale: 'kW', values: (splits) => splits.map((each) => f.number(each, splits.some((v) => v % 1 !== 0) ? 1 : 0)) }),
      axis({ scale: 'kWh', side: 1, grid: false, values: (splits) => splits.map((each) => f.number(each, splits.some((v) => (v * 10) % 1 !== 0) ? 2 : splits.some((v) => v % 1 !== 0) ? 1 : 0)) }),
    ],
    series: [
      {},
      { scale: 'kW', stroke: themeColor('--chart-stroke'), fill: themeColor('--chart-fill'), width: 1.5, points: { show: fewPoints } },
      { scale: 'kWh', stroke: themeColor('--chart-line'), width: 2, points: { show: fewPoints } },
      { scale: 'soc', stroke: themeColor('--chart-ghost'), width: 1.5, dash: [6, 4], points: { show: false }, show: hasSoc },
    ],
  }), [f, hasSoc]);
  const data = useMemo<ChartData>(() => ({
    timesS: points.map((point) => Date.parse(point.at) / 1_000),
    series: [points.map((p) => (p.powerW === null ? null : p.powerW / 1_000)), points.map((p) => (p.energyWh === null ? null : p.energyWh / 1_000)), points.map((p) => p.socPct)],
    span: [fromS, toS],
  }), [points, fromS, toS]);
  const point = index === null ? points.at(-1) : points[index];
  return (
    <div className="chart">
      <div className="readout">
        <span className="legend"><i className="area" />{t('session.power')} (kW)</span><span className="legend"><i />{t('session.energy')} (kWh)</span>{hasSoc && <span className="legend"><i className="soc" />{t('session.soc')} (%)</span>}
      </div>
      <TimeChart spec={spec} data={data} label={label} onCursor={onCursor} />
      <div className="readout number" aria-live={index === null ? 'off' : 'polite'}>
        {point && <><b>{f.timeWithSeconds(point.at)}</b>{point.powerW !== null && <span>{t('session.power')} <b>{quantityText(f.power(point.powerW))}</b></span>}{point.energyWh !== null && <span>{t('session.energy')} <b>{quantityText(f.energy(point.energyWh, 2))}</b></span>}{point.socPct !== null && <span>{t('session.soc')} <b>{f.percent(point.socPct / 100)}</b></span>}</>}
      </div>
    </div>
  );
}

/** A line needs two readings: as long as there are fewer, each is a dot. */
function fewPoints(u: uPlot, seriesIndex: number): boolean {
  return (u.data[seriesIndex] ?? []).filter((value) => value !== null).length <= 2;
}
