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

Reads the database that DATABASE_URL names. Exit code 0: nothing differs, 1: something does, 2: it could not be told.
`;

runMain('audit', async () => {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      'as-of': { type: 'string' }, tenant: { type: 'string', default: 'demo' }, output: { type: 'string', short: 'o', default: 'text' }, help: { type: 'boolean', short: 'h' },
    },
  });
  const [file] = positionals;
  if (values.help || !file) {
    process.stdout.write(help);
    process.exitCode = values.help ? 0 : 2;
    return;
  }
  const { DATABASE_URL } = loadConfig({ DATABASE_URL: z.string().min(1) });
  const asOf = values['as-of'] === undefined ? new Date() : new Date(values['as-of']);
  if (Number.isNaN(asOf.getTime())) throw new Error(`--as-of ${values['as-of']} is no time`);
  const report = await auditFile({ file, databaseUrl: DATABASE_URL, tenant: values.tenant, asOf }).catch((error: unknown) => {
    process.stderr.write(`audit: ${error instanceof Error ? error.message : String(error)}\n`);
    return undefined;
  });
  if (!report) {
    process.exitCode = 2;
    return;
  }
  process.stdout.write(values.output === 'json' ? `${JSON.stringify(report, null, 2)}\n` : `${describeReport(report)}\n`);
  process.exitCode = report.isClean ? 0 : 1;
});
