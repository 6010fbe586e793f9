import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadConfig } from '@csms/kit/config';
import { runMain } from '@csms/kit/shutdown';
import { z } from 'zod';
import { auditFile, describeReport } from './audit.ts';

const help = `Lays a sessions file beside the books and names every difference.

  node load-tests/src/audit/main.ts FILE --as-of TIME [--tenant demo] [-o json]

  FILE            the file that was replayed (csv or csv.gz)
  --as-of TIME    the moment that the replay printed; it fixes by how many weeks the times were shifted (default: now)
  --tenant NAME   whose books (default demo)
  -o json         the whole report as JSON

Reads the database that DATABASE_URL names, else that of the \`npm start\` that runs (.csms, or CSMS_DATA_DIR). Exit code 0: nothing differs, 1: something does, 2: it could not be told.
`;

runMain('audit', async () => {
  // 1 means a difference; whatever keeps the audit from being made is 2.
  process.exitCode = await audit().catch((error: unknown) => {
    process.stderr.write(`audit: ${error instanceof Error ? error.message : String(error)}\n`);
    return 2;
  });
});

async function audit(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'as-of': { type: 'string' }, tenant: { type: 'string', default: 'demo' }, output: { type: 'string', short: 'o', default: 'text' }, help: { type: 'boolean', short: 'h' },
    },
  });
  const [file] = positionals;
  if (values.help || !file) {
    process.stdout.write(help);
    return values.help ? 0 : 2;
  }
  const asOf = values['as-of'] === undefined ? new Date() : new Date(values['as-of']);
  if (Number.isNaN(asOf.getTime())) throw new Error(`--as-of ${values['as-of']} is no time`);
  const report = await auditFile({ file, databaseUrl: whereTheBooksAre(), tenant: values.tenant, asOf });
  process.stdout.write(values.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `${describeReport(report)}\n`);
  return report.isClean ? 0 : 1;
}

/** DATABASE_URL, else what the platform that runs here wrote about itself. */
function whereTheBooksAre(): string {
  const { DATABASE_URL, CSMS_DATA_DIR } = loadConfig({ DATABASE_URL: z.string().optional(), CSMS_DATA_DIR: z.string().default('.csms') });
  if (DATABASE_URL !== undefined) return DATABASE_URL;
  try {
    return z.object({ databaseUrl: z.string() }).parse(JSON.parse(readFileSync(join(CSMS_DATA_DIR, 'run', 'platform.json'), 'utf8'))).databaseUrl;
  } catch {
    throw new Error(`DATABASE_URL is not set, and no platform runs over ${CSMS_DATA_DIR}`);
  }
}
