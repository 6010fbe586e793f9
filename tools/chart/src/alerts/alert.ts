/** Samples of one series as promtool writes them: `0+60x30` is a start, a step and how many more, a minute apart. */
export interface Series { series: string; values: string }

/** An alert, its runbook and the two histories that prove it. */
export interface Alert {
  name: string;
  /** page wakes somebody, ticket is for the day, none is for machines. */
  severity: 'page' | 'ticket' | 'none';
  expr: string;
  /** How long it has to hold. */
  for: string;
  summary: string;
  /** With the value, as Prometheus prints it. */
  description: string;
  /** The runbook: what it means, who notices, what to look at first, and what to do about each finding. */
  runbook: { means: string; impact: string; first: [string, string, string]; then: string[] };
  /** A history under which it fires at the given minute, and one under which it does not; `labels` are those of the alert that fires. */
  fires: { series: Series[]; atMinute: number; labels: Record<string, string> };
  silent: { series: Series[]; atMinute: number };
}

/** Multi-window burn (sre.google/workbook/alerting-on-slos): the share of bad among all over a long and a short window, against `factor` times the budget. */
export function burn(bad: string, all: string, budget: number, factor: number, long: string, short: string): string {
  const over = (window: string): string => `sum(rate(${bad}[${window}])) / sum(rate(${all}[${window}])) > ${Number((factor * budget).toPrecision(6))}`;
  return `${over(long)}\nand\n${over(short)}`;
}
