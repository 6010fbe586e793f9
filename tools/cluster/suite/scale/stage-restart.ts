import { isWrite, describeEntry } from './audit-log.ts';
import { asInstalled, pidOf, untilStill, type Stage } from './measured.ts';
import { factsOf } from './process-facts.ts';

/** The operator ends and starts again over what it made: how long until it is still, and what it writes (O-37). */
export const restart: Stage = async (measured) => {
  await untilStill(measured, 3_000, 120_000);
  await measured.operator.end('SIGTERM');
  await measured.audit.since();
  const startedMs = Date.now();
  measured.operator = measured.home.start(asInstalled);
  const { entries, sinceMs } = await untilStill(measured, 10_000, 300_000);
  const writes = entries.filter(isWrite);
  const facts = await factsOf(pidOf(measured.operator));
  return [
    { what: `started again at ${measured.many.sites.length} sites: still after`, value: (sinceMs - startedMs) / 1000, unit: 's', limit: { atMost: 30 }, detail: `${entries.length} requests; CPU ${facts.cpuSeconds.toFixed(1)} s; ${facts.residentMb.toFixed(0)} MB, most ${facts.residentMaxMb.toFixed(0)}` },
    { what: 'started again: writes', value: writes.length, unit: '', limit: { atMost: 0 }, detail: writes.slice(0, 5).map(describeEntry).join('; ') },
  ];
};
