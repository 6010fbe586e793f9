import { launch, type Host, type Launched } from './launch.ts';

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 30_000;
/** A process that lived this long is taken as healthy: its next restart waits the shortest time again. */
const HEALTHY_AFTER_MS = 60_000;

export interface PodPlan {
  name: string;
  namespace: string;
  /** `namespace/name` of the Deployment. */
  owner: string;
  hash: string;
  template: unknown;
}

/** One replica: a process that is started again when it ends, until it is told to stop. `changed` is called when a reader would see a difference. */
export class Pod {
  readonly plan: PodPlan;
  readonly hash: string;
  ready = false;
  restarts = 0;
  stopping = false;
  #host: Host;
  #changed: () => void;
  #process: Launched | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #waiting = false;
  #stopped = Promise.withResolvers<void>();

  constructor(plan: PodPlan, host: Host, changed: () => void) {
    this.plan = plan;
    this.hash = plan.hash;
    this.#host = host;
    this.#changed = changed;
    void this.#start();
  }

  get pid(): number | undefined {
    return this.#process?.child.pid;
  }
  get adminPort(): number | undefined {
    return this.#process?.adminPort;
  }

  kill(signal: NodeJS.Signals): boolean {
    return this.#process?.child.kill(signal) ?? false;
  }

  /** SIGTERM, then SIGKILL after the pod's own grace period or the given shorter one. Resolves when the process is gone. */
  stop(graceMsMax = Number.POSITIVE_INFINITY): Promise<void> {
    if (!this.stopping) this.kill('SIGTERM');
    this.stopping = true;
    this.ready = false;
    clearTimeout(this.#timer);
    if (this.#waiting) this.#stopped.resolve();
    else this.#timer = setTimeout(() => this.kill('SIGKILL'), Math.min(graceMsMax, this.#process?.graceMs ?? 0));
    return this.#stopped.promise;
  }

  async #start(): Promise<void> {
    const startedMs = Date.now();
    this.#waiting = false;
    try {
      this.#process = await launch(this.#host, this.plan.namespace, this.plan.name, this.plan.template);
      if (this.stopping) this.kill('SIGKILL');
      else void this.#probe(this.#process);
      await this.#process.ended;
    } catch (error) {
      this.#host.onLine({ pod: this.plan.name, stream: 'stderr', line: error instanceof Error ? error.message : String(error) });
    }
    if (this.#process !== undefined && !this.stopping) this.restarts += 1;
    this.#process = undefined;
    clearTimeout(this.#timer);
    if (this.stopping) return this.#stopped.resolve();
    this.#waiting = true;
    this.ready = false;
    this.#failures = Date.now() - startedMs > HEALTHY_AFTER_MS ? 0 : this.#failures + 1;
    this.#timer = setTimeout(() => void this.#start(), Math.min(RESTART_MAX_MS, RESTART_FIRST_MS * 2 ** (this.#failures - 1)));
    this.#changed();
  }

  async #probe(launched: Launched): Promise<void> {
    const url = `http://127.0.0.1:${launched.adminPort}${launched.readinessPath}`;
    const answers = (): Promise<boolean> => fetch(url, { signal: AbortSignal.timeout(1000) }).then(async (answer) => (await answer.text(), answer.ok));
    const ready = launched.readinessPath === undefined || (await answers().catch(() => false));
    if (this.#process !== launched || this.stopping) return;
    this.#timer = setTimeout(() => void this.#probe(launched), ready ? 1000 : 150);
    if (ready === this.ready) return;
    this.ready = ready;
    this.#changed();
  }
}
