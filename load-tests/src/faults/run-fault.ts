import type { StationTruth } from './chargers/truth.ts';
import { checkInvariants, type Finding } from './checker/invariants.ts';
import { readBooks } from './checker/read-books.ts';
import type { Fault } from './fault.ts';
import { createRandom } from './random.ts';
import { eventually } from './world/child.ts';
import type { Namespaces } from './world/namespaces.ts';
import { openPlatform, type Platform } from './world/platform.ts';

export interface FaultReport { id: string; seconds: number; notes: string[]; failures: string[]; findings: Finding[] }

/** Runs one fault once: its scenario, then the checker over everything, whatever the scenario said. Never rejects. */
export async function runFault(fault: Fault, options: { seed: number; short: boolean; limitMs: number; namespaces?: Namespaces | null }): Promise<FaultReport> {
  const beganMs = performance.now();
  const notes: string[] = [];
  const failures: string[] = [];
  const truths: StationTruth[] = [];
  const endings: (() => void | Promise<void>)[] = [];
  let platform: Platform | null = null;
  let findings: Finding[] = [];
  const attempt = async (work: () => Promise<void>): Promise<void> => {
    try { await work(); } catch (error) { failures.push(error instanceof Error ? error.message : String(error)); }
  };
  await attempt(() => within(options.limitMs, fault.run({
    random: createRandom(options.seed).fork(fault.id), short: options.short, namespaces: options.namespaces ?? null,
    open: async (given) => (platform = await openPlatform(given)),
    watch: (some) => { truths.push(...some); },
    note: (text) => { notes.push(text); },
    expect: (holds, sentence) => { if (!holds) failures.push(sentence); },
    afterwards: (work) => { endings.push(work); },
  })));
  const opened = platform as Platform | null;
  if (opened !== null) {
    opened.freezeDatabase(false);
    await attempt(async () => {
      if (failures.length === 0) await settled(opened, truths.map(({ identity }) => identity));
      findings = checkInvariants({ truths, books: await readBooks(opened.sql), tariffs: opened.tariffs, nowMs: Date.now() });
    });
  }
  if (failures.length > 0) failures.push(...(opened?.gateways ?? []).flatMap(({ name, lastWords }) => lastWords().split('\n').filter((line) => /"level":"(warn|error|fatal)"|^[^{]/.test(line)).slice(-4).map((line) => `${name} said: ${line.slice(0, 400)}`)));
  for (const ending of endings.reverse()) await attempt(async () => { await ending(); });
  if (opened !== null) await attempt(() => opened.close());
  return { id: fault.id, seconds: (performance.now() - beganMs) / 1000, notes, failures, findings };
}

/** Presence and the ends of commands follow the facts by moments: they are waited for, and their absence is a failure of its own. */
async function settled(platform: Platform, identities: string[]): Promise<void> {
  await eventually('every connected charger is online on the books', async () => {
    const [row] = await platform.sql<{ n: number }>(`SELECT count(*)::int AS n FROM station WHERE online AND identity = ANY($1)`, [identities]);
    return row?.n === identities.length;
  }, 30_000);
  await eventually('every command has its end', async () => {
    const [row] = await platform.sql<{ n: number }>(`SELECT count(*)::int AS n FROM command WHERE state IN ('queued', 'sent')`);
    return row?.n === 0;
  }, 30_000);
}

function within(limitMs: number, work: Promise<void>): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error(`the run did not end within ${limitMs / 1000} s`)), limitMs);
    work.then(() => { clearTimeout(timer); resolve(); }, (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); });
  });
}
