import { cpus, totalmem } from 'node:os';
import { parseArgs } from 'node:util';
import { describeRows, holds, type BenchRow } from './bench-row.ts';
import { booksBench } from './books-bench.ts';
import { bootsBench } from './boots-bench.ts';
import { cardsBench } from './cards-bench.ts';
import { codecBench } from './codec-bench.ts';
import { crowdBench } from './crowd-bench.ts';
import { killBench } from './kill-bench.ts';
import { memoryBench } from './memory-bench.ts';
import { messagesBench } from './messages-bench.ts';
import { operatorBench } from './operator/operator-bench.ts';
import { rollingBench } from './rolling-bench.ts';
import { rowsBench } from './rows-bench.ts';
import { stagesBench } from './stages-bench.ts';
import { startBench } from './start-bench.ts';
import { stormBench } from './storm-bench.ts';
import { tokensBench } from './tokens-bench.ts';

/** What a bench is called, and what it measures. Servers, PostgreSQL (fsync on), the bus in Redis and the chargers are all on this machine. */
const benches: Record<string, { about: string; run: (options: { seconds: number }) => Promise<BenchRow[]> }> = {
  codec: { about: 'CPU of a validated round trip without a database, against ws + ajv', run: codecBench },
  messages: { about: 'stored messages a second, their CPU and their latency', run: messagesBench },
  boots: { about: '2,000 and 10,000 chargers that boot at once, and connections a second', run: bootsBench },
  kill: { about: 'kill -9 of the gateways at saturation', run: killBench },
  cards: { about: 'a card check with 100,000 cards against 1,000', run: cardsBench },
  memory: { about: 'memory of an idle socket at 10,000, plain and TLS, against ws + ajv', run: memoryBench },
  crowd: { about: 'a stored message at 18,000 sockets against 1,000', run: crowdBench },
  rows: { about: 'a stored reading at 10 million rows against 1 million', run: rowsBench },
  rolling: { about: 'ten replacements of every gateway under 2,000 chargers (some minutes)', run: rollingBench },
  storm: { about: '10,000 chargers come back over TLS at once', run: stormBench },
  stages: { about: 'where the time of a message goes', run: stagesBench },
  books: { about: 'CPU of a durable reading by the size of the group commit', run: booksBench },
  tokens: { about: 'CPU of the API\'s look at an access token', run: tokensBench },
  start: { about: 'npm start to ready', run: startBench },
  operator: { about: 'the operator at 500 sites on a real API server: time, requests, memory (some minutes; needs root)', run: operatorBench },
};

const help = `npm run bench                     every bench, as a table of what is measured, what is asked and whether it holds
npm run bench -- --only boots     one of them, or several: --only boots --only kill
npm run bench -- --seconds 20     length of a measurement under load; default 10
npm run bench -- -o json          one JSON document in place of the table

${Object.entries(benches).map(([name, { about }]) => `  ${name.padEnd(10)} ${about}`).join('\n')}
`;
const { values } = parseArgs({ options: {
  only: { type: 'string', multiple: true }, seconds: { type: 'string', default: '10' }, output: { type: 'string', short: 'o', default: 'table' }, help: { type: 'boolean', short: 'h' },
} });

/** Prints ratios and costs; absolute rates on a shared machine are a lower bound. Exit code 1: something is missed. */
async function main(): Promise<void> {
  const names = values.only ?? Object.keys(benches);
  const unknown = names.filter((name) => benches[name] === undefined);
  if (unknown.length > 0) throw new Error(`there is no bench ${unknown.join(', ')}; there are ${Object.keys(benches).join(', ')}`);
  const machine = { at: new Date().toISOString(), cores: cpus().length, processor: cpus()[0]?.model.trim() ?? '', memoryGiB: Math.round(totalmem() / 2 ** 30), node: process.version };
  const asJson = values.output === 'json';
  if (!asJson) process.stdout.write(`${machine.at}  ${machine.cores} cores (${machine.processor}), ${machine.memoryGiB} GiB, Node ${machine.node}\n`);
  const rows: BenchRow[] = [];
  for (const name of names) {
    const made = await benches[name]!.run({ seconds: Number(values.seconds) });
    rows.push(...made);
    if (!asJson) process.stdout.write(`\n${name}: ${benches[name]!.about}\n${describeRows(made)}\n`);
  }
  if (asJson) process.stdout.write(`${JSON.stringify({ machine, rows: rows.map((row) => ({ ...row, holds: holds(row) })) }, null, 2)}\n`);
  const missed = rows.filter((row) => !holds(row));
  if (missed.length > 0) process.exitCode = 1;
}

if (values.help) process.stdout.write(help);
else await main().catch((error: unknown) => {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 2;
});
