import { Gauge, Histogram, createMetrics, type Registry } from '@csms/kit';
import type pg from 'pg';
import type { Api } from './api-parts.ts';

/** The API's metrics. Routes are labelled by their pattern, never by a path: an id is no label. */
export function useApiMetrics(app: Api, pool: pg.Pool): Registry {
  const registry = createMetrics('api');
  const registers = [registry];
  const requests = new Histogram({ name: 'csms_api_request_duration_seconds', help: 'Requests by route and status', labelNames: ['method', 'route', 'status'], buckets: [0.005, 0.02, 0.1, 0.5, 1, 5], registers });
  new Gauge({ name: 'csms_api_books_connections', help: 'Connections to the books', labelNames: ['state'], registers, collect() { this.set({ state: 'idle' }, pool.idleCount); this.set({ state: 'busy' }, pool.totalCount - pool.idleCount); this.set({ state: 'waited_for' }, pool.waitingCount); } });
  app.addHook('onResponse', (request, reply, done) => {
    requests.observe({ method: request.method, route: request.routeOptions.url ?? 'none', status: String(reply.statusCode) }, reply.elapsedTime / 1_000);
    done();
  });
  return registry;
}
