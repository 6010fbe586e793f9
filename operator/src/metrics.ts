import { Counter, Gauge, Histogram } from '@csms/kit';
import type { Registry } from '@csms/kit';
import { listAt, stringAt } from '@csms/kube';
import type { ControllerMetrics } from '@csms/kube';
import { isPaused } from './site/names.ts';
import type { World } from './world.ts';

/** What the runtime and the client count. */
export interface OperatorMetrics extends ControllerMetrics {
  watchFailed(kind: string): void;
  watchOpened(kind: string): void;
  requested(method: string, status: number): void;
}

/** The runtime's counts under controller-runtime's names, so that dashboards made for it work. */
export function controllerMetrics(registry: Registry): OperatorMetrics {
  const registers = [registry];
  const total = new Counter({ name: 'controller_runtime_reconcile_total', help: 'Runs by controller and result.', labelNames: ['controller', 'result'], registers });
  const errors = new Counter({ name: 'controller_runtime_reconcile_errors_total', help: 'Runs that threw or were put off.', labelNames: ['controller'], registers });
  const seconds = new Histogram({ name: 'controller_runtime_reconcile_time_seconds', help: 'How long a run took.', labelNames: ['controller'], buckets: [0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10], registers });
  const active = new Gauge({ name: 'controller_runtime_active_workers', help: 'Runs under way.', labelNames: ['controller'], registers });
  const depth = new Gauge({ name: 'workqueue_depth', help: 'Keys waiting.', labelNames: ['name'], registers });
  const added = new Counter({ name: 'workqueue_adds_total', help: 'Keys that were added and not waiting already.', labelNames: ['name'], registers });
  const retries = new Counter({ name: 'workqueue_retries_total', help: 'Keys that were put back after a failure.', labelNames: ['name'], registers });
  const waited = new Histogram({ name: 'workqueue_queue_duration_seconds', help: 'How long a key waited for a worker.', labelNames: ['name'], buckets: [0.001, 0.01, 0.1, 1, 10, 60], registers });
  const worked = new Histogram({ name: 'workqueue_work_duration_seconds', help: 'How long a worker had a key.', labelNames: ['name'], buckets: [0.005, 0.02, 0.1, 0.5, 2, 10, 60], registers });
  const opened = new Counter({ name: 'csms_operator_watches_opened_total', help: 'Watches that were opened; the first of each kind and every one after it ended.', labelNames: ['kind'], registers });
  const watches = new Counter({ name: 'csms_operator_watch_failures_total', help: 'Watches that ended in an error and were started again.', labelNames: ['kind'], registers });
  const requests = new Counter({ name: 'rest_client_requests_total', help: 'Requests to the cluster.', labelNames: ['method', 'code'], registers });
  return {
    reconciled: (controller, result, took) => {
      total.inc({ controller, result });
      seconds.observe({ controller }, took);
      worked.observe({ name: controller }, took);
      if (result === 'error' || result === 'retry') errors.inc({ controller });
    },
    active: (controller, workers) => active.set({ controller }, workers),
    depth: (name, keys) => depth.set({ name }, keys),
    added: (name) => added.inc({ name }),
    retried: (name) => retries.inc({ name }),
    queued: (name, took) => waited.observe({ name }, took),
    watchOpened: (kind) => opened.inc({ kind }),
    watchFailed: (kind) => watches.inc({ kind }),
    requested: (method, status) => requests.inc({ method, code: String(status) }),
  };
}

/** Whether a worker is stuck, by controller-runtime's two names for it. */
export function runningMetrics(registry: Registry, running: () => { name: string; runningMs: number[] }[]): void {
  const registers = [registry];
  const gauge = (name: string, help: string, of: (runningMs: number[]) => number): Gauge =>
    new Gauge({ name, help, labelNames: ['name'], registers, collect() { this.reset(); for (const each of running()) this.set({ name: each.name }, of(each.runningMs) / 1000); } });
  gauge('workqueue_unfinished_work_seconds', 'How long the runs under way have run, added up.', (all) => all.reduce((sum, each) => sum + each, 0));
  gauge('workqueue_longest_running_processor_seconds', 'How long the longest run under way has run.', (all) => Math.max(0, ...all));
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
  new Gauge({
    name: 'csms_site_paused', help: '1 where an annotation says that the operator leaves a site alone.', labelNames: ['namespace', 'site'], registers,
    collect() {
      this.reset();
      for (const { labels, object } of sites()) this.set(labels, isPaused(object) ? 1 : 0);
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
