import { spawnSync } from 'node:child_process';
import { cpus, totalmem } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { messagesBench } from './messages-bench.ts';

const help = `npm run bench                     every bench, with the machine it ran on
npm run bench -- --only codec     one of: codec, books, messages, start
npm run bench -- --seconds 20     length of the messages bench; default 15
`;
const { values } = parseArgs({ options: { only: { type: 'string' }, seconds: { type: 'string', default: '15' }, help: { type: 'boolean', short: 'h' } } });

/** Prints ratios and costs; absolute rates on a shared machine mean little, so a floor or a peer ran in the same minute. */
async function main(): Promise<void> {
  const wanted = (name: string) => values.only === undefined || values.only === name;
  process.stdout.write(`${new Date().toISOString()}  ${cpus().length} cores (${cpus()[0]?.model.trim()}), ${Math.round(totalmem() / 2 ** 30)} GiB, Node ${process.version}\n`);
  if (wanted('codec')) run('codec-bench.ts');
  if (wanted('books')) run('books-bench.ts');
  if (wanted('messages')) {
    const result = await messagesBench({ stations: 200, gateways: 2, seconds: Number(values.seconds) });
    process.stdout.write([
      '', `messages stored: ${result.stations} stations, ${result.gateways} gateways, PostgreSQL with fsync, MeterValues of four samples`,
      `  ${Math.round(result.perSecond)} acknowledged a second over ${result.seconds.toFixed(1)} s (goal 2000; SteVe 607, EVtivity 300, CitrineOS 137 on such a machine)`,
      `  CPU seconds per 1,000: gateways ${result.gatewayCpuSecondsPer1000.toFixed(3)} + PostgreSQL ${result.postgresCpuSecondsPer1000.toFixed(3)} = ${(result.gatewayCpuSecondsPer1000 + result.postgresCpuSecondsPer1000).toFixed(3)} (SteVe 1.9, EVtivity 5.5, CitrineOS 11)`,
      `  audit: ${result.acknowledged} acknowledged, ${result.stored} stored, ${result.lost} lost, ${result.doubled} doubled`, JSON.stringify(result), '',
    ].join('\n'));
    if (result.lost > 0 || result.doubled > 0) process.exitCode = 1;
  }
  if (wanted('start')) run('start-bench.ts');
}

function run(file: string): void {
  process.stdout.write('\n');
  const { status } = spawnSync(process.execPath, [join(import.meta.dirname, file)], { stdio: 'inherit' });
  if (status !== 0) process.exitCode = 1;
}

if (values.help) process.stdout.write(help);
else await main();
