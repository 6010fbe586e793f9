import { Counter, Gauge, Histogram } from '@csms/kit';
import type { Registry } from '@csms/kit';
import type { ControllerMetrics } from '@csms/kube';

/** The runtime's counts under controller-runtime's names, so that dashboards made for it work. */
export function controllerMetrics(registry: Registry): ControllerMetrics & { watchFailed(kind: string): void; requested(method: string, status: number): void } {
  const registers = [registry];
  const total = new Counter({ name: 'controller_runtime_reconcile_total', help: 'Runs by controller and result.', labelNames: ['controller', 'result'], registers });
  const errors = new Counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Runs that threw or were put off.', labelNames: ['controller'], registers });
  const seconds = new Histogram({ name: 'controller_runtime_reconcile_time_seconds', help: 'How long a run took.', labelNames: ['controller'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10], registers });
  const active = new Gauge({ name: 'controller_runtime_active_workers', help: 'Runs under way.', labelNames: ['controller'], registers });
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys waiting.', labelNames: ['name'], registers });
  const watches = new Counter({ name: 'csms_operator_watch_failures_total', help: 'Watches that ended in an error and were started again.', labelNames: ['kind'], registers });
  const requests = new Counter({ name: 'rest_client_requests_total', help: 'Requests to the cluster.', labelNames: ['method', 'code'], registers });
  return {
    reconciled: (controller, result, took) => {
      total.inc({ controller, result });
      seconds.observe({ controller }, took);
      if (result === 'error' || result === 'retry') errors.inc({ controller });
    },
    active: (controller, workers) => active.set({ controller }, workers),
    depth: (name, keys) => depth.set({ name }, keys),
    watchFailed: (kind) => watches.inc({ kind }),
    requested: (method, status) => requests.inc({ method, code: String(status) }),
  };
}
