import { randomInt } from 'node:crypto';
import { parseArgs } from 'node:util';
import { faults } from './catalogue.ts';
import { runFault, type FaultReport } from './run-fault.ts';
import { openNamespaces, runInside } from './world/namespaces.ts';

const help = `Faults against real processes; I-1 to I-8 and I-11 are checked at the end of every run.

  npm run test:faults                      every fault, each in its short form
  npm run test:faults -- --short           most of them, under three minutes: what CI runs
  npm run test:faults -- --all             every fault, in its long form
  npm run test:faults -- --only F4,F6      some of them
  npm run test:faults -- --seed 7          the run of that seed, again
  npm run test:faults -- --list            what there is

Exit code 0: everything held; 1: something did not. A fault that this machine cannot make says "not run" and why.
`;

const { values } = parseArgs({
  options: { seed: { type: 'string' }, only: { type: 'string' }, all: { type: 'boolean', default: false }, short: { type: 'boolean', default: false }, list: { type: 'boolean', default: false }, namespaces: { type: 'string' }, help: { type: 'boolean', short: 'h' } },
});

async function main(): Promise<number> {
  const seed = values.seed === undefined ? randomInt(1, 1_000_000) : Number(values.seed);
  const only = values.only?.split(',').map((name) => name.trim().toUpperCase());
  const unknown = only?.filter((name) => !faults.some(({ id }) => id === name)) ?? [];
  if (!Number.isSafeInteger(seed) || seed < 0) return say(`--seed ${values.seed} is no whole number\n`, 2);
  if (unknown.length > 0) return say(`there is no fault ${unknown.join(', ')}; --list shows those there are\n`, 2);
  if (values.all && values.short) return say('--all and --short exclude each other\n', 2);
  if (values.list) return say(faults.map(({ id, title, beyondShort }) => `${id.padEnd(4)} ${title}${beyondShort ? ' (not with --short)' : ''}\n`).join(''), 0);
  const given = values.namespaces === undefined ? null : { core: values.namespaces.split(',')[0]!, far: values.namespaces.split(',')[1]! };
  if (given === null) process.stdout.write(`seed ${seed}\n`);
  let passed = 0;
  let failed = 0;
  const chosen = faults.filter(({ id, beyondShort }) => (only === undefined ? !(values.short && beyondShort) : only.includes(id)));
  for (const fault of chosen) {
    const missing = await fault.needs?.() ?? null;
    if (missing !== null) { process.stdout.write(`not run: ${fault.id} ${fault.title} (${missing})\n`); continue; }
    if (fault.namespaces && given === null) {
      if (await inNamespaces(fault.id, seed) === 0) passed += 1;
      else failed += 1;
      continue;
    }
    const report = await runFault(fault, { seed, short: !values.all, limitMs: values.all ? 900_000 : 120_000, namespaces: given });
    const broken = describe(fault.title, report);
    if (broken === 0) passed += 1;
    else {
      failed += 1;
      process.stdout.write(`  again: npm run test:faults -- --seed ${seed} --only ${fault.id}${values.all ? ' --all' : ''}\n`);
    }
  }
  if (given !== null) return failed === 0 ? 0 : 1;
  return say(`seed ${seed}\n${passed} passed, ${failed} failed\n`, failed === 0 ? 0 : 1);
}

/** Runs one fault by a process of its own in a network of its own; resolves with its exit code. */
async function inNamespaces(id: string, seed: number): Promise<number> {
  const network = openNamespaces();
  try {
    return await runInside(network.core, [process.execPath, import.meta.filename, '--only', id, '--seed', String(seed), '--namespaces', `${network.core},${network.far}`, ...(values.all ? ['--all'] : [])]);
  } finally {
    network.close();
  }
}

/** Prints the table of a run; resolves with how many lines of it are bad. */
function describe(title: string, { id, seconds, notes, failures, findings }: FaultReport): number {
  const bad = failures.length + findings.filter(({ violations }) => violations.length > 0).length;
  const lines = [`${bad === 0 ? 'ok  ' : 'FAIL'} ${id.padEnd(4)} ${title} (${seconds.toFixed(1)} s)`];
  for (const note of notes) lines.push(`       ${note}`);
  lines.push(`       ${findings.map((finding) => `${finding.id} ${finding.checked}${finding.violations.length > 0 ? `, ${finding.violations.length} WRONG` : ''}`).join(' | ') || 'the books were not checked'}`);
  for (const failure of failures) lines.push(`  wrong: ${failure}`);
  for (const { id: name, statement, violations } of findings) {
    if (violations.length > 0) lines.push(`  ${name} (${statement}): ${violations.length} violations`, ...violations.slice(0, 10).map((violation) => `    ${violation}`));
  }
  process.stdout.write(`${lines.join('\n')}\n`);
  return bad;
}

function say(text: string, code: number): number {
  process.stdout.write(text);
  return code;
}

for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130));
if (values.help) process.stdout.write(help);
else process.exit(await main());
