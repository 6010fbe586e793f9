import { grafanaJson } from '../dashboards/dashboard.ts';
import { dashboards } from '../dashboards/dashboards.ts';
import type { Printed } from './values-files.ts';

/** The JSON of each dashboard, as the chart provisions Grafana with it. */
export const dashboardFiles = (): Printed[] => dashboards.map((dashboard) => ({ path: `charts/csms/files/dashboards/${dashboard.uid}.json`, text: `${JSON.stringify(grafanaJson(dashboard), null, 1)}\n` }));
