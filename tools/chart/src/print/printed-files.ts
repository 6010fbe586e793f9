import { alertFiles } from './alert-files.ts';
import { dashboardFiles } from './dashboard-files.ts';
import { networkPage } from './network-page.ts';
import { valuesFiles } from './values-files.ts';
import type { Printed } from './values-files.ts';

/** What the templates of the chart read: printed before they are rendered. */
export const chartFiles = (): Printed[] => [...valuesFiles(), ...alertFiles(), ...dashboardFiles()];

/** Everything that is printed into the chart and the docs, for the repository at `root`. */
export const printedFiles = (root: string): Printed[] => [...chartFiles(), networkPage(root)];
