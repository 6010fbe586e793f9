import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@csms/kit/config';
import { runMain } from '@csms/kit/shutdown';
import { z } from 'zod';
import { auditFile, describeReport } from '../audit/audit.ts';
import { platformToken, readPlatformFile } from './local-platform.ts';
import { showProgress } from './progress.ts';
import { openRegistrar } from './register-by-api.ts';
import { replayFile, type ReplayResult } from './replay.ts';
import type { DialectChoice } from './schedule.ts';

const help = `npm run replay -- FILE [options]     plays a sessions file as chargers on real sockets, then audits the books

  FILE               sessions file, csv or csv.gz (columns as in examples/replay)
  --dialect D        1.6, 2.0.1 or mixed: half of the stations each, by their name (default mixed)
  --concurrency N    how many stations play at once (default 16)
  --tenant NAME      whose stations these are (default demo)
  --site NAME        the site that they belong to (default: bandung-01)
  --no-tokens        leave the cards unregistered: sessions are then stored as not authorised
  --no-audit         play only
  --as-of TIME       the moment to which the file is shifted, by whole weeks (default: now)
  -o json            the result as JSON
  --help             this text

Addresses and a token come from the running \`npm start\` (.csms/run/platform.json), or from CSMS_OCPP_URL, CSMS_API_URL and
CSMS_API_TOKEN (role admin); the audit reads DATABASE_URL. Exit code 0: every session is on the books as it is in the file;
1: something differs or was given up; 2: it could not be played.
`;

const environment = {
  CSMS_DATA_DIR: z.string().default('.csms'),
  CSMS_OCPP_URL: z.string().optional(),
  CSMS_API_URL: z.string().optional(),
  CSMS_API_TOKEN: z.string().optional(),
  DATABASE_URL: z.string().optional(),
};

runMain('replay', async () => {
  const read = argumentsOrSentence();
  if (typeof read === 'string') {
    process.stderr.write(`replay: ${read}\n`);
    process.exitCode = 2;
    return;
  }
  const { values, positionals } = read;
  const [file] = positionals;
  if (values.help || !file) {
    process.stdout.write(help);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  // From here on 1 means a difference; whatever keeps the replay from being made is 2.
  process.exitCode = await play(file, values).catch((error: unknown) => {
    process.stderr.write(`replay: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  });
});

function argumentsOrSentence() {
  try {
    return readArguments();
  } catch (error) {
    return `${error instanceof Error ? error.message.split('. ')[0] : String(error)}; --help lists the options`;
  }
}

/** Throws with a sentence of Node's where a flag is unknown or lacks its value. */
function readArguments() {
  return parseArgs({
    allowPositionals: true,
    options: {
      dialect: { type: 'string', default: 'mixed' }, concurrency: { type: 'string', default: '16' }, tenant: { type: 'string', default: 'demo' },
      site: { type: 'string', default: 'bandung-01' }, 'no-tokens': { type: 'boolean' }, 'no-audit': { type: 'boolean' }, 'as-of': { type: 'string' },
      output: { type: 'string', short: 'o', default: 'text' }, help: { type: 'boolean', short: 'h' },
    },
  });
}

interface Flags {
  dialect: string; concurrency: string; tenant: string; site: string; output: string;
  'no-tokens'?: boolean; 'no-audit'?: boolean; 'as-of'?: string;
}

async function play(file: string, flags: Flags): Promise<number> {
  const dialect = z.enum(['1.6', '2.0.1', 'mixed'] satisfies DialectChoice[]).safeParse(flags.dialect);
  if (!dialect.success) throw new Error(`--dialect is 1.6, 2.0.1 or mixed, not ${flags.dialect}`);
  const concurrency = Number(flags.concurrency);
  if (!Number.isInteger(concurrency) || concurrency < 1) throw new Error(`--concurrency is a number from 1, not ${flags.concurrency}`);
  const asOf = flags['as-of'] === undefined ? new Date() : new Date(flags['as-of']);
  if (Number.isNaN(asOf.getTime())) throw new Error(`--as-of ${flags['as-of']} is no time`);

  const env = loadConfig(environment);
  const platform = readPlatformFile(join(env.CSMS_DATA_DIR, 'run', 'platform.json'));
  const ocppUrl = env.CSMS_OCPP_URL ?? platform?.addresses.ocpp;
  const apiUrl = env.CSMS_API_URL ?? platform?.addresses.api;
  const { CSMS_API_TOKEN } = env;
  const token = CSMS_API_TOKEN ? () => Promise.resolve(CSMS_API_TOKEN) : platform && platformToken(platform, flags.tenant);
  if (!ocppUrl || !apiUrl || !token) throw new Error('no platform runs here: start one with npm start, or set CSMS_OCPP_URL, CSMS_API_URL and CSMS_API_TOKEN');

  const registrar = await openRegistrar({ apiUrl, token }, flags.site);
  const result = await replayFile({
    file, ocppUrl: `${ocppUrl.replace(/\/+$/, '')}/${encodeURIComponent(flags.tenant)}`, dialect: dialect.data, concurrency, asOf,
    registerStation: (station) => registrar.registerStation(station),
    ...(!flags['no-tokens'] && { registerToken: (idTag: string) => registrar.registerToken(idTag) }),
    onProgress: showProgress(process.stderr),
  });

  const databaseUrl = env.DATABASE_URL ?? platform?.databaseUrl;
  const audit = flags['no-audit'] || !databaseUrl ? undefined : await auditFile({ file, databaseUrl, tenant: flags.tenant, asOf });
  if (flags.output === 'json') process.stdout.write(`${JSON.stringify({ replay: result, audit }, null, 2)}\n`);
  else process.stdout.write(`${describeResult(result)}\n${audit ? describeReport(audit) : 'no audit was made (DATABASE_URL is not set, or --no-audit)'}\n`);
  const abandoned = result.stations.some((station) => station.abandoned.length > 0);
  return abandoned || (audit && !audit.isClean) ? 1 : 0;
}

function describeResult(result: ReplayResult): string {
  const sum = (pick: (station: ReplayResult['stations'][number]) => number) => result.stations.reduce((total, station) => total + pick(station), 0);
  const reasons = new Map<string, number>();
  for (const row of result.refused) reasons.set(row.reason, (reasons.get(row.reason) ?? 0) + 1);
  return [
    `played: ${result.sessions} of ${result.rows} rows on ${result.stations.length} stations, as of ${result.asOf} (shifted by ${result.shiftWeeks} weeks)`,
    `        ${sum((station) => station.messages)} messages, ${sum((station) => station.connections)} connections, ${sum((station) => station.resent)} sent again, ${sum((station) => station.abandoned.length)} given up`,
    ...[...reasons].map(([reason, count]) => `refused: ${count} rows, ${reason}`),
    ...(result.repeated.length > 0 ? [`repeat the station, connector and start of an earlier row: lines ${result.repeated.slice(0, 20).map((row) => `${row.line} (as ${row.sameAsLine})`).join(', ')}${result.repeated.length > 20 ? ` and ${result.repeated.length - 20} more` : ''}`] : []),
  ].join('\n');
}
