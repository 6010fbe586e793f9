import { Counter, Gauge, Histogram, createMetrics, type Registry } from '@csms/kit';

export interface MirrorMetrics {
  registry: Registry;
  lag: Histogram;
  writes: Counter<'outcome'>;
}

/** What the mirror says of itself. `backlog` is asked at each scrape, so that an age goes on rising while nothing happens. */
export function useMirrorMetrics(state: { backlog(): { pending: number; oldestAt: Date | null }; isConnected(): boolean; now(): Date }): MirrorMetrics {
  const registry = createMetrics('mirror');
  const registers = [registry];
  const queue = { queue: 'mirror' };
  new Gauge({
    name: 'csms_outbox_oldest_age_seconds', help: 'Age of the oldest change that a reader of the outbox has not passed on', labelNames: ['queue'], registers,
    collect() {
      const { oldestAt } = state.backlog();
      this.set(queue, oldestAt === null ? 0 : Math.max(0, state.now().getTime() - oldestAt.getTime()) / 1_000);
    },
  });
  new Gauge({ name: 'csms_outbox_pending', help: 'Changes that a reader of the outbox has not passed on', labelNames: ['queue'], registers, collect() { this.set(queue, state.backlog().pending); } });
  new Gauge({ name: 'csms_mirror_connected', help: 'Whether the public database can be reached', registers, collect() { this.set(state.isConnected() ? 1 : 0); } });
  return {
    registry,
    lag: new Histogram({ name: 'csms_mirror_lag_seconds', help: 'From a change in the books to its place on the public mirror', buckets: [0.5, 1, 2, 5, 10, 30, 60, 300, 3_600], registers }),
    writes: new Counter({ name: 'csms_mirror_writes_total', help: 'Writes to the public database by outcome', labelNames: ['outcome'], registers }),
  };
}
