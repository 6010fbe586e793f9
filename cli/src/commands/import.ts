import { readFile } from 'node:fs/promises';
import type { Command } from 'commander';
import { ImportReport } from '@csms/contracts/http/index';
import type { ImportKind } from '@csms/contracts/http/imports';
import type { z } from 'zod';
import { contextOf, withCommonOptions } from '../context.ts';
import { CsvFault, readCsv, type CsvRow } from '../csv.ts';
import { CliError, exitCodes } from '../exit.ts';
import { importFiles } from '../import-files.ts';
import { table } from '../table.ts';
import type { Terminal } from '../terminal.ts';

const rowsAtOnce = 200;
const partMs = 120_000;
type Kind = z.infer<typeof ImportKind>;

const about: Record<Kind, { description: string; example: string }> = {
  drivers: { description: 'bring people: each is made once under its ref, and brought to what the file says when it comes again', example: '1,Sari,sari@example.org' },
  cards: { description: 'bring cards; a driver_ref names a driver that was brought before, and a card that is blocked here is not freed', example: '04A2B6C8D1E211,1,active' },
  transactions: { description: 'bring past transactions as sessions; an amount is kept as a final bill, and nothing is billed anew', example: '17,CP_112,04A2B6C8D1E211,2026-03-01 08:00:00,2026-03-01 09:00:00,12.5' },
};

/** Files of another system, with a dry run and a report: docs/drivers-and-cards.md says what stands in them and how the prototype writes them. */
export function addImport(program: Command, terminal: Terminal): void {
  const imports = program.command('import').description('bring drivers, cards or past transactions from CSV');
  for (const kind of ['drivers', 'cards', 'transactions'] as const) {
    const { required, optional } = importFiles[kind].columns;
    withCommonOptions(imports.command(`${kind} <file>`))
      .description(about[kind].description)
      .option('--dry-run', 'try everything and keep nothing')
      .addHelpText('after', `
Header: ${required.join(', ')}; may have ${optional.join(', ')}. Times without an offset are UTC.
The same file again changes nothing. Exit code 1 where a row was refused; the others are kept all the same.

Examples:
  $ csmsctl import ${kind} ${kind}.csv --dry-run
  $ csmsctl import ${kind} ${kind}.csv -o json | jq '.rows[] | select(.outcome == "refused")'
  $ printf '${headerOf(kind)}\\n${about[kind].example}\\n' | csmsctl import ${kind} -`)
      .action(async (file: string, options: Record<string, unknown> & { dryRun?: boolean }) => importFile(terminal, kind, file, options));
  }
}

function headerOf(kind: Kind): string {
  return { drivers: 'ref,name,email', cards: 'card,driver_ref,status', transactions: 'ref,station,card,started_at,ended_at,energy_kwh' }[kind];
}

async function importFile(terminal: Terminal, kind: Kind, file: string, options: Record<string, unknown> & { dryRun?: boolean }): Promise<void> {
  const dryRun = options.dryRun === true;
  const rows = rowsOf(await textOf(file), kind, file);
  const context = contextOf(terminal, options);
  const api = await context.api('admin');
  const total: ImportReport = { dryRun, created: 0, updated: 0, unchanged: 0, refused: 0, rows: [] };
  for (let at = 0; at < rows.length; at += rowsAtOnce) {
    const part = rows.slice(at, at + rowsAtOnce);
    let report: ImportReport;
    try {
      report = await api.call('POST', `/imports/${kind}`, ImportReport, { body: { dryRun, rows: part.map(({ line, cells }) => ({ line, row: importFiles[kind].rowOf(cells) })) }, timeoutMs: partMs });
    } catch (error) {
      if (error instanceof CliError && at > 0) throw new CliError(`${error.message}\nThe first ${at} of ${rows.length} rows ${dryRun ? 'were tried' : 'are kept'}: the same file again goes on where this stopped.`, error.exitCode);
      throw error;
    }
    for (const name of ['created', 'updated', 'unchanged', 'refused'] as const) total[name] += report[name];
    total.rows.push(...report.rows);
    if (rows.length > rowsAtOnce) terminal.err(`${Math.min(at + rowsAtOnce, rows.length)} of ${rows.length} rows\n`);
  }
  context.show(total, () => {
    const refused = total.rows.filter((row) => row.outcome === 'refused');
    const summary = `${dryRun ? 'dry run, nothing is kept: ' : ''}${total.created} created, ${total.updated} updated, ${total.unchanged} unchanged, ${total.refused} refused, of ${rows.length} rows\n`;
    return refused.length === 0 ? summary : `${table(refused, [{ title: 'LINE', of: (row) => row.line, right: true }, { title: 'REFUSED BECAUSE', of: (row) => row.detail }])}\n${summary}`;
  });
  if (total.refused > 0) throw new CliError(`${file}: ${total.refused} of ${rows.length} rows ${total.refused === 1 ? 'was' : 'were'} refused`, exitCodes.refused);
}

function rowsOf(text: string, kind: Kind, file: string): CsvRow[] {
  try {
    return readCsv(text, importFiles[kind].columns);
  } catch (error) {
    throw error instanceof CsvFault ? new CliError(`${file}: ${error.message}`, exitCodes.usage) : error;
  }
}

async function textOf(file: string): Promise<string> {
  try {
    return await readFile(file === '-' ? '/dev/stdin' : file, 'utf8');
  } catch {
    throw new CliError(`${file} cannot be read`, exitCodes.usage);
  }
}
