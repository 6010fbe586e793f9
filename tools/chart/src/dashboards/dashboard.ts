import { z } from 'zod';

/** One query of a panel; `legend` in Grafana's own form. */
export interface Query { expr: string; legend: string }

/** A panel: what it shows in a title, why one looks at it in a description. */
export interface Panel { title: string; description: string; unit: string; queries: Query[]; kind?: 'timeseries' | 'stat'; limit?: number }

export interface Dashboard { uid: string; title: string; description: string; rows: { question: string; panels: Panel[] }[] }

/** Grafana's JSON as far as we write it. */
export const GrafanaJson = z.looseObject({ uid: z.string(), title: z.string(), panels: z.array(z.looseObject({ type: z.string(), title: z.string() })) });

const WIDTH = 24;
const HEIGHT = 8;
const source = { type: 'prometheus', uid: '${datasource}' };

/** The dashboard as Grafana is provisioned with it: not to be edited there, its data source and tenant chosen above. */
export function grafanaJson({ uid, title, description, rows }: Dashboard): unknown {
  let id = 0;
  let y = 0;
  const panels = rows.flatMap(({ question, panels: of }) => {
    const row = { id: ++id, type: 'row', title: question, collapsed: false, gridPos: { x: 0, y, w: WIDTH, h: 1 }, panels: [] };
    const width = Math.floor(WIDTH / Math.min(3, of.length));
    const made = of.map((panel, index) => panelJson(panel, ++id, { x: (index % 3) * width, y: y + 1 + Math.floor(index / 3) * HEIGHT, w: width, h: HEIGHT }));
    y += 1 + Math.ceil(of.length / 3) * HEIGHT;
    return [row, ...made];
  });
  return {
    uid, title, description, schemaVersion: 39, version: 1, editable: false, graphTooltip: 1, refresh: '30s', time: { from: 'now-6h', to: 'now' }, timezone: 'browser', tags: ['csms'],
    templating: { list: [{ name: 'datasource', label: 'Data source', type: 'datasource', query: 'prometheus', current: { text: 'Prometheus', value: 'prometheus' } }] },
    panels,
  };
}

function panelJson({ title, description, unit, queries, kind = 'timeseries', limit }: Panel, id: number, gridPos: { x: number; y: number; w: number; h: number }): unknown {
  const steps = [{ color: '#0072B2', value: null }, ...(limit === undefined ? [] : [{ color: '#D55E00', value: limit }])];
  return {
    id, type: kind, title, description, datasource: source, gridPos,
    fieldConfig: { defaults: { unit, min: 0, color: { mode: kind === 'stat' ? 'thresholds' : 'palette-classic' }, thresholds: { mode: 'absolute', steps }, custom: kind === 'stat' ? {} : { fillOpacity: 8, showPoints: 'never', thresholdsStyle: { mode: limit === undefined ? 'off' : 'line' } } }, overrides: [] },
    options: kind === 'stat' ? { reduceOptions: { calcs: ['lastNotNull'] }, textMode: 'auto' } : { legend: { displayMode: 'list', placement: 'bottom' }, tooltip: { mode: 'multi', sort: 'desc' } },
    targets: queries.map(({ expr, legend }, index) => ({ refId: String.fromCharCode(65 + index), datasource: source, expr, legendFormat: legend, instant: kind === 'stat', range: kind !== 'stat' })),
  };
}
