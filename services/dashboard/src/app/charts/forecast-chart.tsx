import type { SiteForecast } from '@csms/contracts/http/index';
import { useCallback, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import uPlot from 'uplot';
import { quantityText, type Formats } from '../formats.ts';
import { axis, themeColor, TimeChart, type ChartData, type ChartSpec } from './time-chart.tsx';

type Point = SiteForecast['points'][number];

/** Median line, 10-90 % band, "usual" as a ghost, what came as solid bars; the numbers under the cursor stand below. */
export default function ForecastChart({ hours, f, nowMs, label }: { hours: Point[]; f: Formats; nowMs: number; label: string }) {
  const { t } = useTranslation();
  const [index, setIndex] = useState<number | null>(null);
  const onCursor = useCallback((next: number | null) => setIndex(next), []);
  // The mark moves by the minute: a picture anew each second would be work for nothing.
  const nowS = Math.floor(nowMs / 60_000) * 60;
  const nowWord = t('forecast.now');
  const spec = useMemo<ChartSpec>(() => ({
    height: 232, timeZone: f.timeZone, mark: { atS: nowS, text: nowWord },
    scales: { x: { time: true }, y: { range: (_u, _min, max) => [0, Math.max(1, max) * 1.08] } },
    axes: [axis({ scale: 'x', values: (splits) => splits.map((each) => f.time(each * 1_000)) }), axis({ scale: 'y', values: (splits) => splits.map((each) => f.number(each, splits.some((v) => v % 1 !== 0) ? 1 : 0)) })],
    series: [
      {},
      { scale: 'y', stroke: 'transparent', fill: themeColor('--chart-stroke'), paths: uPlot.paths.bars?.({ size: [0.62, 40] }), points: { show: false } },
      { scale: 'y', stroke: 'transparent', points: { show: false } },
      { scale: 'y', stroke: 'transparent', points: { show: false } },
      { scale: 'y', stroke: themeColor('--chart-ghost'), width: 1.5, dash: [2, 4], points: { show: false } },
      { scale: 'y', stroke: themeColor('--chart-line'), width: 2, points: { show: false } },
    ],
    bands: [{ series: [3, 2], fill: themeColor('--chart-band') }],
  }), [f, nowS, nowWord]);
  const data = useMemo<ChartData>(() => ({
    // An hour's energy stands at the middle of its hour, for the bars and the lines alike.
    timesS: hours.map((hour) => Date.parse(hour.at) / 1_000 + 1_800),
    series: [hours.map((h) => kwh(h.actualWh)), hours.map((h) => kwh(h.p10Wh)), hours.map((h) => kwh(h.p90Wh)), hours.map((h) => kwh(h.usualWh)), hours.map((h) => kwh(h.p50Wh))],
  }), [hours]);
  // Without a cursor the numbers are those of the running hour.
  const running = hours.findLast((each) => Date.parse(each.at) <= nowMs);
  const hour = index === null ? running ?? hours[0] : hours[index];
  return (
    <div className="chart">
      <div className="readout">
        <span className="legend"><i className="actual" />{t('forecast.actual')}</span><span className="legend"><i />{t('forecast.median')}</span><span className="legend"><i className="band" />{t('forecast.band')}</span><span className="legend"><i className="usual" />{t('forecast.usual')}</span>
        <span className="muted" style={{ marginLeft: 'auto' }}>{t('forecast.axis')} · {t('common.zone', { zone: f.zone(nowMs) })}</span>
      </div>
      <TimeChart spec={spec} data={data} label={label} onCursor={onCursor} />
      <div className="readout number" aria-live={index === null ? 'off' : 'polite'}>
        {hour ? <>
          <b>{f.moment(hour.at, nowMs)}</b>
          {hour.actualWh !== null && <span>{t('forecast.actual')} <b>{quantityText(f.energy(hour.actualWh))}</b></span>}
          <span>{t('forecast.median')} <b>{quantityText(f.energy(hour.p50Wh))}</b></span><span>{t('forecast.band')} <b>{f.number(hour.p10Wh / 1_000, 1)}–{quantityText(f.energy(hour.p90Wh))}</b></span>
          {hour.usualWh !== null && <span>{t('forecast.usual')} <b>{quantityText(f.energy(hour.usualWh))}</b></span>}
        </> : null}
      </div>
    </div>
  );
}

function kwh(wh: number | null): number | null {
  return wh === null ? null : wh / 1_000;
}
