import { launch } from './launch.ts';
import type { Host, Launched } from './launch.ts';

const RESTART_FIRST_MS = 500;
const RESTART_MAX_MS = 30_000;
/** A process that lived this long is taken as healthy: its next restart waits the shortest time again. */
const HEALTHY_AFTER_MS = 60_000;

/** One replica: a process that is started again when it ends, until it is told to stop. `changed` is called whenever a reader would see a difference. */
export class Pod {
  readonly name: string;
  readonly owner: string;
  readonly hash: string;
  ready = false;
  restarts = 0;
  stopping = false;
  #host: Host;
  #namespace: string;
  #template: unknown;
  #changed: () => void;
  #process: Launched | undefined;
  #failures = 0;
  #timer: NodeJS.Timeout | undefined;
  #stopped = Promise.withResolvers<void>();

  constructor(options: { name: string; namespace: string; owner: string; hash: string; template: unknown; host: Host; changed: () => void }) {
    this.name = options.name;
    this.owner = options.owner;
    this.hash = options.hash;
    this.#namespace = options.namespace;
    this.#template = options.template;
    this.#host = options.host;
    this.#changed = options.changed;
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
    const graceMs = Math.min(graceMsMax, this.#process?.graceMs ?? 0);
    const first = !this.stopping;
    this.stopping = true;
    this.ready = false;
    clearTimeout(this.#timer);
    if (this.#process === undefined) this.#stopped.resolve();
    else if (first || graceMsMax < Number.POSITIVE_INFINITY) {
      if (first) this.kill('SIGTERM');
      this.#timer = setTimeout(() => this.kill('SIGKILL'), graceMs);
    }
    return this.#stopped.promise;
  }

  async #start(): Promise<void> {
    const startedMs = Date.now();
    try {
      const launched = await launch(this.#host, this.#namespace, this.name, this.#template);
      this.#process = launched;
      if (this.stopping) this.kill('SIGKILL');
      else void this.#probe(launched);
      await launched.ended;
    } catch (error) {
      this.#host.onLine({ pod: this.name, stream: 'stderr', line: error instanceof Error ? error.message : String(error) });
    }
    this.#process = undefined;
    clearTimeout(this.#timer);
    if (this.stopping) return this.#stopped.resolve();
    this.ready = false;
    this.restarts += 1;
    this.#failures = Date.now() - startedMs > HEALTHY_AFTER_MS ? 0 : this.#failures + 1;
    this.#timer = setTimeout(() => void this.#start(), Math.min(RESTART_MAX_MS, RESTART_FIRST_MS * 2 ** (this.#failures - 1)));
    this.#changed();
  }

  async #probe(launched: Launched): Promise<void> {
    const { adminPort, readinessPath } = launched;
    const url = `http://127.0.0.1:${adminPort}${readinessPath}`;
    const ready = readinessPath === undefined || (await fetch(url, { signal: AbortSignal.timeout(1000) }).then((answer) => answer.body?.cancel().then(() => answer.ok) ?? answer.ok, () => false));
    if (this.#process !== launched || this.stopping) return;
    if (ready !== this.ready) {
      this.ready = ready;
      this.#changed();
    }
    this.#timer = setTimeout(() => void this.#probe(launched), ready ? 1000 : 150);
  }
}
