/* `npm run simulate -- --seeds 300`: gateway and books over twins in memory, in virtual time; every run ends with the invariants. `--seed N` replays one. */
import { parseArgs } from 'node:util';
import { simulate } from './simulate.ts';

const { values } = parseArgs({
  options: { seeds: { type: 'string', default: '300' }, seed: { type: 'string' }, from: { type: 'string', default: '1' }, help: { type: 'boolean', short: 'h', default: false } },
});
if (values.help) {
  process.stdout.write('npm run simulate -- [--seeds COUNT] [--from FIRST] | --seed N\n');
  process.exit(0);
}
const whole = (name: string, text: string): number => {
  const value = Number(text);
  if (Number.isInteger(value) && value > 0) return value;
  process.stderr.write(`--${name} takes a whole number above 0, not ${text}\n`);
  process.exit(2);
};
const first = values.seed === undefined ? whole('from', values.from) : whole('seed', values.seed);
const count = values.seed === undefined ? whole('seeds', values.seeds) : 1;

const totals = { sessions: 0, crashes: 0, commands: 0, virtualMinutes: 0 };
let failed = 0;
for (let seed = first; seed < first + count; seed += 1) {
  const outcome = await simulate(seed);
  for (const name of ['sessions', 'crashes', 'commands', 'virtualMinutes'] as const) totals[name] += outcome[name];
  if (outcome.wrong.length === 0) continue;
  failed += 1;
  process.stdout.write(`seed ${seed}\n${outcome.wrong.slice(0, 10).map((sentence) => `  ${sentence}\n`).join('')}  replay: npm run simulate -- --seed ${seed}\n`);
}
process.stdout.write(`${count} seeds, ${totals.sessions} sessions, ${totals.crashes} gateways killed, ${totals.commands} commands, ${totals.virtualMinutes} virtual minutes\n`);
process.stdout.write(`${count - failed} passed, ${failed} failed\n`);
// Sessions of the simulated world still have timers of their own.
process.exit(failed === 0 ? 0 : 1);
