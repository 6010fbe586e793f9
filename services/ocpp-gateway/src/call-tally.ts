import { Counter, Histogram, type Registry } from '@csms/kit';

const bucketsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
type Direction = 'from-station' | 'to-station';
interface Cell { direction: Direction; action: string; results: Map<string, number>; perBucket: number[]; sum: number; count: number }

/**
 * Counts and times calls in plain numbers, and makes metrics of them when someone asks: this runs for every message, a scrape a few times a minute.
 * (prom-client's own counters cost more here than reading the message's JSON.)
 */
export class CallTally {
  #cells = { 'from-station': new Map<string, Cell>(), 'to-station': new Map<string, Cell>() };

  count(direction: Direction, action: string, result: string, seconds: number): void {
    let cell = this.#cells[direction].get(action);
    if (cell === undefined) {
      cell = { direction, action, results: new Map(), perBucket: bucketsSeconds.map(() => 0), sum: 0, count: 0 };
      this.#cells[direction].set(action, cell);
    }
    cell.results.set(result, (cell.results.get(result) ?? 0) + 1);
    cell.sum += seconds;
    cell.count += 1;
    let bucket = 0;
    while (bucket < bucketsSeconds.length && seconds > (bucketsSeconds[bucket] ?? 0)) bucket += 1;
    if (bucket < bucketsSeconds.length) cell.perBucket[bucket] = (cell.perBucket[bucket] ?? 0) + 1;
  }

  cells(): Cell[] { return [...this.#cells['from-station'].values(), ...this.#cells['to-station'].values()]; }

  registerIn(registry: Registry): void {
    const cells = (): Cell[] => this.cells();
    new Counter({
      name: 'csms_ocpp_calls_total', help: 'Calls that ended, by direction, action and result', labelNames: ['direction', 'action', 'result'], registers: [registry],
      collect() {
        this.reset();
        for (const { direction, action, results } of cells()) for (const [result, count] of results) this.inc({ direction, action, result }, count);
      },
    });
    registry.registerMetric(new CallDurations(cells));
  }
}

/** The tally as a histogram. It keeps nothing of its own. */
class CallDurations extends Histogram<'direction' | 'action'> {
  readonly #cells: () => Cell[];

  constructor(cells: () => Cell[]) {
    super({ name: 'csms_ocpp_call_duration_seconds', help: 'From a call to its answer', labelNames: ['direction', 'action'], buckets: bucketsSeconds, registers: [] });
    this.#cells = cells;
  }

  /** What the registry asks for when it prints; prom-client's own would print observations, of which there are none. */
  async getForPromString() {
    const name = 'csms_ocpp_call_duration_seconds';
    const values = this.#cells().flatMap(({ direction, action, perBucket, sum, count }) => {
      const labels = { direction, action };
      let upTo = 0;
      return [
        ...bucketsSeconds.map((le, at) => ({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: (upTo += perBucket[at] ?? 0) })),
        { metricName: `${name}_bucket`, labels: { ...labels, le: '+Inf' }, value: count },
        { metricName: `${name}_sum`, labels, value: sum },
        { metricName: `${name}_count`, labels, value: count },
      ];
    });
    return { name, help: 'From a call to its answer', type: 'histogram', values };
  }
}
