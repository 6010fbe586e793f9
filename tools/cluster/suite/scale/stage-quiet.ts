import { describeEntry, isWrite } from './audit-log.ts';
import { pause, pidOf, untilStill, type Stage } from './measured.ts';
import { factsOf } from './process-facts.ts';

/** Nothing changes: what is written and what it costs (O-16). */
export const quiet = (seconds: number): Stage => async (measured) => {
  await untilStill(measured, 5_000, 120_000);
  const pid = pidOf(measured.operator);
  const before = await factsOf(pid);
  const books = measured.books.requests();
  await measured.audit.since();
  const startedMs = performance.now();
  await pause(seconds * 1000);
  const lastedS = (performance.now() - startedMs) / 1000;
  const after = await factsOf(pid);
  const entries = await measured.audit.since();
  const writes = entries.filter(isWrite);
  return [
    { what: `${seconds} s in which nothing changes: writes`, value: writes.length, unit: '', limit: { atMost: 0 }, detail: `the lease of the leader is not counted; ${entries.length} requests in all${writes.length > 0 ? `: ${writes.slice(0, 5).map(describeEntry).join('; ')}` : ''}` },
    { what: `${seconds} s in which nothing changes: CPU`, value: (100 * (after.cpuSeconds - before.cpuSeconds)) / lastedS, unit: '%', limit: { atMost: 1 }, detail: `of one core, at ${measured.many.sites.length} sites; the books were asked ${((measured.books.requests() - books) / lastedS).toFixed(1)} times a second` },
  ];
};
