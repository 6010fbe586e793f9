import { useEffect, useRef, useState } from 'react';
import uPlot from 'uplot';

/** Values by series at one time; null is a gap and is drawn as one. Times are seconds since 1970, ascending; `span` is what the x axis shows where that is more than the data. */
export interface ChartData { timesS: number[]; series: (number | null)[][]; span?: [fromS: number, toS: number] }

export interface ChartSpec {
  height: number;
  timeZone: string;
  series: uPlot.Series[];
  bands?: uPlot.Band[];
  scales: Record<string, uPlot.Scale>;
  axes: uPlot.Axis[];
  /** A vertical line with a word, e.g. "now". */
  mark?: { atS: number; text: string } | null;
}

const css = (name: string): string => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
/** A colour of the theme by the name of its custom property, read when it is drawn, so that a change of theme redraws in the new one. */
export const themeColor = (name: string) => (): string => css(name);

/**
 * A chart on one canvas. Left and right arrows move the cursor for the keyboard; `onCursor` tells the index under it, or null. The picture
 * is made anew only when `spec` changes; new data are drawn into it.
 */
export function TimeChart({ spec, data, label, onCursor }: { spec: ChartSpec; data: ChartData; label: string; onCursor: (index: number | null) => void }) {
  const box = useRef<HTMLDivElement>(null);
  const plot = useRef<uPlot | null>(null);
  const latest = useRef(data);
  latest.current = data;
  const cursorIndex = useRef<number | null>(null);
  const [redraw, setRedraw] = useState(0);

  useEffect(() => {
    const observer = new MutationObserver(() => setRedraw((count) => count + 1));
    observer.observe(document.documentElement, { attributes: true, attributeFilter: ['data-mantine-color-scheme'] });
    return () => observer.disconnect();
  }, []);

  useEffect(() => {
    const element = box.current;
    if (!element) return undefined;
    const chart = new uPlot({
      width: Math.max(200, element.clientWidth), height: spec.height, series: spec.series, scales: spec.scales, axes: spec.axes, ...(spec.bands ? { bands: spec.bands } : {}),
      legend: { show: false }, padding: [10, 8, 0, 0], tzDate: (seconds) => uPlot.tzDate(new Date(seconds * 1_000), spec.timeZone), cursor: { drag: { x: false, y: false }, points: { size: 7 } },
      hooks: {
        setCursor: [(u) => { cursorIndex.current = u.cursor.idx ?? null; onCursor(u.cursor.left === undefined || u.cursor.left < 0 ? null : (u.cursor.idx ?? null)); }],
        draw: [(u) => drawMark(u, spec.mark ?? null)],
      },
    }, toAligned(latest.current), element);
    plot.current = chart;
    const resize = new ResizeObserver(() => chart.setSize({ width: Math.max(200, element.clientWidth), height: spec.height }));
    resize.observe(element);
    return () => { resize.disconnect(); chart.destroy(); plot.current = null; };
  }, [spec, onCursor, redraw]);

  useEffect(() => { plot.current?.setData(toAligned(data)); }, [data]);

  const step = (by: number): void => {
    const chart = plot.current;
    if (!chart) return;
    const last = latest.current.timesS.length - 1;
    const index = Math.min(last, Math.max(0, (cursorIndex.current ?? (by > 0 ? -1 : last + 1)) + by));
    const time = latest.current.timesS[index];
    if (time === undefined) return;
    chart.setCursor({ left: chart.valToPos(time, 'x'), top: 8 });
  };
  return (
    <div
      ref={box} className="canvas" role="img" aria-label={label} tabIndex={0} style={{ height: spec.height }}
      onKeyDown={(event) => {
        if (event.key === 'ArrowRight') step(1); else if (event.key === 'ArrowLeft') step(-1); else if (event.key === 'Escape') plot.current?.setCursor({ left: -10, top: -10 }); else return;
        event.preventDefault();
      }}
    />
  );
}

function toAligned(data: ChartData): uPlot.AlignedData {
  return [data.timesS, ...data.series];
}

function drawMark(u: uPlot, mark: { atS: number; text: string } | null): void {
  if (!mark) return;
  const x = Math.round(u.valToPos(mark.atS, 'x', true));
  if (x < u.bbox.left || x > u.bbox.left + u.bbox.width) return;
  const { ctx } = u;
  const ratio = uPlot.pxRatio;
  ctx.save();
  ctx.strokeStyle = css('--ink-3');
  ctx.fillStyle = css('--ink-2');
  ctx.lineWidth = ratio;
  ctx.beginPath();
  ctx.moveTo(x, u.bbox.top);
  ctx.lineTo(x, u.bbox.top + u.bbox.height);
  ctx.stroke();
  ctx.font = `${12 * ratio}px 'Inter Variable', sans-serif`;
  ctx.textBaseline = 'top';
  ctx.textAlign = x > u.bbox.left + u.bbox.width - 80 * ratio ? 'right' : 'left';
  ctx.fillText(mark.text, x + (ctx.textAlign === 'right' ? -5 : 5) * ratio, u.bbox.top + 2 * ratio);
  ctx.restore();
}

/** Axes in the theme's ink with a light grid; `values` writes the ticks. */
export function axis(options: { scale: string; side?: 1 | 3; size?: number; grid?: boolean; values: (splits: number[]) => string[]; space?: number }): uPlot.Axis {
  return {
    scale: options.scale, ...(options.side === undefined ? {} : { side: options.side }), size: options.size ?? (options.scale === 'x' ? 28 : 44), stroke: themeColor('--ink-3'), font: "12px 'Inter Variable', sans-serif",
    grid: options.grid === false ? { show: false } : { stroke: themeColor('--chart-grid'), width: 1 }, ticks: { show: false }, gap: 6, space: options.space ?? (options.scale === 'x' ? 64 : 40),
    values: (_u, splits) => options.values(splits),
  };
}
