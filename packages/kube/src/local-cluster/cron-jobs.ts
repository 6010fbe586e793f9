import { Cron } from 'croner';
import { cronJobKind } from '../kind.ts';
import { at, keyOf, numberAt, stringAt } from '../object.ts';
import type { KubernetesObject, ObjectRef } from '../object.ts';
import { launch, nonce } from './launch.ts';
import type { Host, Launched } from './launch.ts';
import type { ObjectStore } from './object-store.ts';

const RETRY_FIRST_MS = 10_000;

/** Runs each CronJob on its schedule in its time zone, never two runs of one at once (concurrencyPolicy Forbid). */
export class CronJobs {
  #store: ObjectStore;
  #host: Host;
  #schedules = new Map<string, { cron: Cron; text: string }>();
  #running = new Map<string, { attempt: Launched | undefined; end: Promise<number> }>();
  #ended = false;

  constructor(store: ObjectStore, host: Host) {
    this.#store = store;
    this.#host = host;
    store.subscribe((event) => {
      if (event.kind === cronJobKind) this.#schedule(event.object, event.type === 'DELETED');
    });
  }

  /** Starts a run now and resolves with its exit code; while one is running, with that one's. */
  run(ref: ObjectRef): Promise<number> {
    const job = this.#store.get(cronJobKind, ref);
    if (job === undefined) return Promise.reject(new Error(`There is no CronJob ${keyOf(ref)}.`));
    const key = keyOf(ref);
    const running = this.#running.get(key);
    if (running !== undefined) return running.end;
    const startedAt = new Date().toISOString();
    const run = { attempt: undefined, end: Promise.resolve(0) };
    this.#running.set(key, run);
    run.end = this.#attempts(job, run).finally(() => this.#running.delete(key));
    this.#report(ref, { lastScheduleTime: startedAt });
    return run.end.then((code) => {
      this.#report(ref, { lastScheduleTime: startedAt, ...(code === 0 ? { lastSuccessfulTime: new Date().toISOString() } : {}) });
      return code;
    });
  }

  async stop(graceMs: number): Promise<void> {
    this.#ended = true;
    for (const { cron } of this.#schedules.values()) cron.stop();
    for (const { attempt } of this.#running.values()) attempt?.child.kill('SIGTERM');
    const kill = setTimeout(() => this.#running.forEach(({ attempt }) => attempt?.child.kill('SIGKILL')), graceMs);
    await Promise.all([...this.#running.values()].map((run) => run.attempt?.ended));
    clearTimeout(kill);
  }

  #schedule(job: KubernetesObject, gone: boolean): void {
    const key = keyOf(job.metadata);
    const schedule = stringAt(job, 'spec', 'schedule') ?? '';
    const timezone = stringAt(job, 'spec', 'timeZone') ?? 'UTC';
    const off = gone || this.#ended || at(job, 'spec', 'suspend') === true;
    const text = off ? '' : `${schedule} ${timezone}`;
    const current = this.#schedules.get(key);
    if ((current?.text ?? '') === text) return;
    current?.cron.stop();
    this.#schedules.delete(key);
    if (gone) this.#running.get(key)?.attempt?.child.kill('SIGTERM');
    if (off) return;
    const cron = new Cron(schedule, { timezone, unref: true, catch: true }, () => void this.run(job.metadata));
    this.#schedules.set(key, { cron, text });
  }

  async #attempts(job: KubernetesObject, run: { attempt: Launched | undefined }): Promise<number> {
    const template = at(job, 'spec', 'jobTemplate', 'spec', 'template');
    const retries = numberAt(job, 'spec', 'jobTemplate', 'spec', 'backoffLimit') ?? 6;
    for (let attempt = 0; ; attempt += 1) {
      const code = await this.#once(job, template, run);
      if (code === 0 || attempt >= retries || this.#ended || this.#store.get(cronJobKind, job.metadata) === undefined) return code;
      await new Promise((resolve) => setTimeout(resolve, RETRY_FIRST_MS * 2 ** attempt).unref());
    }
  }

  async #once(job: KubernetesObject, template: unknown, run: { attempt: Launched | undefined }): Promise<number> {
    const pod = `${job.metadata.name}-${nonce()}`;
    try {
      run.attempt = await launch(this.#host, job.metadata.namespace ?? '', pod, template);
      return await run.attempt.ended;
    } catch (error) {
      this.#host.onLine({ pod, stream: 'stderr', line: error instanceof Error ? error.message : String(error) });
      return -1;
    } finally {
      run.attempt = undefined;
    }
  }

  #report(ref: ObjectRef, times: { lastScheduleTime: string; lastSuccessfulTime?: string }): void {
    const job = this.#store.get(cronJobKind, ref);
    if (job === undefined) return;
    const last = times.lastSuccessfulTime ?? stringAt(job, 'status', 'lastSuccessfulTime');
    const status = { lastScheduleTime: times.lastScheduleTime, ...(last === undefined ? {} : { lastSuccessfulTime: last }) };
    const config = { apiVersion: job.apiVersion, kind: job.kind, metadata: { name: ref.name }, status };
    this.#store.apply(cronJobKind, ref, config, { manager: 'local-cron-jobs', force: true, status: true });
  }
}
