import { Counter, Gauge, Histogram } from '@csms/kit';
import type { Registry } from '@csms/kit';
import { listAt, stringAt } from '@csms/kube';
import type { ControllerMetrics } from '@csms/kube';
import { isPaused } from './site/names.ts';
import type { World } from './world.ts';

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

/** What is read off the copies when somebody asks: the sites, by whether they are ready and whether they are paused, and who leads. */
export function siteMetrics(registry: Registry, world: World, leads: () => boolean): void {
  const registers = [registry];
  const sites = (): { labels: { namespace: string; site: string }; object: ReturnType<World['sites']['list']>[number] }[] =>
    world.sites.list().map((object) => ({ labels: { namespace: object.metadata.namespace ?? '', site: object.metadata.name }, object }));
  new Gauge({
    name: 'csms_site_ready', help: '1 where the condition Ready of a site is True.', labelNames: ['namespace', 'site'], registers,
    collect() {
      this.reset();
      for (const { labels, object } of sites()) this.set(labels, listAt(object, 'status', 'conditions').some((each) => stringAt(each, 'type') === 'Ready' && stringAt(each, 'status') === 'True') ? 1 : 0);
    },
  });
  new Gauge({ name: 'csms_sites_paused', help: 'Sites that the operator leaves alone because an annotation says so.', registers, collect() { this.set(sites().filter(({ object }) => isPaused(object)).length); } });
  new Gauge({ name: 'csms_operator_refusals', help: 'Objects that the cluster refused or whose name is taken, by owner.', labelNames: ['owner', 'reason'], registers,
    collect() {
      this.reset();
      for (const [key, refusals] of world.failures) for (const { reason } of refusals) this.inc({ owner: key, reason });
    },
  });
  new Gauge({ name: 'leader_election_master_status', help: '1 where this process leads.', labelNames: ['name'], registers, collect() { this.set({ name: 'csms-operator' }, leads() ? 1 : 0); } });
}
