import { Cron } from 'croner';
import { cronJobKind } from '../kind.ts';
import { at, keyOf, stringAt, type KubernetesObject, type ObjectRef } from '../object.ts';
import { launch, nonce, type Host, type Launched } from './launch.ts';
import type { ObjectStore } from './object-store.ts';

/** Runs each CronJob on its schedule in its time zone, never two runs of one at once. A run that failed waits for the next time. */
export class CronJobs {
  #store: ObjectStore;
  #host: Host;
  #schedules = new Map<string, { cron: Cron; text: string }>();
  #running = new Map<string, { process?: Launched; end: Promise<number> }>();
  #ended = false;

  constructor(store: ObjectStore, host: Host) {
    this.#store = store;
    this.#host = host;
    store.subscribe((event) => {
      if (event.kind === cronJobKind) this.#schedule(event.object, event.type === 'DELETED');
    });
  }

  /** Starts a run now and resolves with its exit code; while one is running, with that one's. */
  async run(ref: ObjectRef): Promise<number> {
    const key = keyOf(ref);
    const job = this.#store.get(cronJobKind, ref);
    if (job === undefined) throw new Error(`There is no CronJob ${key}.`);
    const running = this.#running.get(key);
    if (running !== undefined) return running.end;
    const lastScheduleTime = new Date().toISOString();
    const run: { process?: Launched; end: Promise<number> } = { end: Promise.resolve(0) };
    this.#running.set(key, run);
    this.#report(ref, { ...lastSuccess(job), lastScheduleTime });
    run.end = this.#once(job, run).finally(() => this.#running.delete(key));
    const code = await run.end;
    if (code === 0) this.#report(ref, { lastScheduleTime, lastSuccessfulTime: new Date().toISOString() });
    return code;
  }

  async stop(graceMs: number): Promise<void> {
    this.#ended = true;
    for (const { cron } of this.#schedules.values()) cron.stop();
    const all = [...this.#running.values()];
    for (const { process } of all) process?.child.kill('SIGTERM');
    const kill = setTimeout(() => all.forEach(({ process }) => process?.child.kill('SIGKILL')), graceMs);
    await Promise.all(all.map((run) => run.end));
    clearTimeout(kill);
  }

  #schedule(job: KubernetesObject, gone: boolean): void {
    const key = keyOf(job.metadata);
    const schedule = stringAt(job, 'spec', 'schedule') ?? '';
    const timezone = stringAt(job, 'spec', 'timeZone') ?? 'UTC';
    const off = gone || this.#ended || at(job, 'spec', 'suspend') === true;
    const text = off ? '' : `${schedule} ${timezone}`;
    const current = this.#schedules.get(key);
    if (gone) this.#running.get(key)?.process?.child.kill('SIGTERM');
    if ((current?.text ?? '') === text) return;
    current?.cron.stop();
    this.#schedules.delete(key);
    if (!off) this.#schedules.set(key, { text, cron: new Cron(schedule, { timezone, unref: true, catch: true }, () => void this.run(job.metadata)) });
  }

  async #once(job: KubernetesObject, run: { process?: Launched }): Promise<number> {
    const pod = `${job.metadata.name}-${nonce()}`;
    try {
      run.process = await launch(this.#host, job.metadata.namespace ?? '', pod, at(job, 'spec', 'jobTemplate', 'spec', 'template'));
      if (this.#ended) run.process.child.kill('SIGKILL');
      return await run.process.ended;
    } catch (error) {
      this.#host.onLine({ pod, stream: 'stderr', line: error instanceof Error ? error.message : String(error) });
      return -1;
    }
  }

  #report(ref: ObjectRef, status: Record<string, string>): void {
    const { apiVersion, kind } = cronJobKind;
    if (this.#store.get(cronJobKind, ref) === undefined) return;
    this.#store.apply(cronJobKind, ref, { apiVersion, kind, metadata: { name: ref.name }, status }, { manager: 'local-cron-jobs', force: true, status: true });
  }
}

function lastSuccess(job: KubernetesObject): Record<string, string> {
  const lastSuccessfulTime = stringAt(job, 'status', 'lastSuccessfulTime');
  return lastSuccessfulTime === undefined ? {} : { lastSuccessfulTime };
}
