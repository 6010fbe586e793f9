import { CardRow, DriverRow, ImportParams, ImportReport, ImportRequest, TransactionRow } from '@csms/contracts/http/imports';
import { auditImport, importCard, importDriver, importTransaction, type RowOutcome } from '@csms/store/cards/import-rows';
import type { TenantCards } from '@csms/store/cards/card-keys';
import { inTenant } from '@csms/store/in-tenant';
import type { Actor } from '@csms/store/register';
import type pg from 'pg';
import type { z } from 'zod';
import { principalOf, tenantOf } from '../access/guard.ts';
import type { Api, ApiParts } from '../api-parts.ts';
import { actorOf, announce } from '../mutation.ts';
import { NoQuery, at } from '../route-entry.ts';

/** Thrown to take back a dry run, with what it found. */
class TakenBack extends Error {
  readonly report: z.infer<typeof ImportReport>;
  constructor(report: z.infer<typeof ImportReport>) { super('a dry run keeps nothing'); this.report = report; }
}

type ImportRow = (client: pg.PoolClient, row: unknown) => Promise<RowOutcome>;

/** People, cards and past transactions of another system, a part of a file at a time; each row is judged by itself. */
export function importRoutes(app: Api, parts: ApiParts): void {
  app.route({
    ...at('POST', '/imports/:kind'),
    schema: {
      summary: 'Bring drivers, cards or past transactions from another system', tags: ['drivers'], params: ImportParams, querystring: NoQuery, body: ImportRequest, response: { 200: ImportReport },
      description: 'Up to 500 rows at a time, in one transaction; a row that is refused costs no other. The same rows again change nothing. With `dryRun` everything is tried, and nothing is kept.',
    },
    async handler(request) {
      const tenantId = tenantOf(request);
      const { kind } = request.params;
      const actor = actorOf(principalOf(request), parts.now());
      const importRow = rowImporter(kind, { tenantId, keys: parts.cards }, actor);
      const { dryRun, rows } = request.body;
      const report = await inTenant(parts.pool, tenantId, async (client) => {
        const outcomes: ImportReport['rows'] = [];
        for (const { line, row } of rows) outcomes.push({ line, ...(await importOne(client, importRow, row)) });
        const count = (outcome: RowOutcome['outcome']): number => outcomes.filter((each) => each.outcome === outcome).length;
        const counts = { created: count('created'), updated: count('updated'), unchanged: count('unchanged'), refused: count('refused') };
        if (dryRun) throw new TakenBack({ dryRun, ...counts, rows: outcomes });
        if (counts.created + counts.updated > 0) await auditImport(client, kind, counts, actor);
        return { dryRun, ...counts, rows: outcomes };
      }).catch((error: unknown) => { if (error instanceof TakenBack) return error.report; throw error; });
      announce(parts, tenantId);
      return report;
    },
  });
}

function rowImporter(kind: z.infer<typeof ImportParams>['kind'], cards: TenantCards, actor: Actor): ImportRow {
  switch (kind) {
    case 'drivers': return parsed(DriverRow, (client, row) => importDriver(client, row, actor));
    case 'cards': return parsed(CardRow, (client, row) => importCard(client, row, cards, actor));
    case 'transactions': return parsed(TransactionRow, (client, row) => importTransaction(client, row, cards, actor));
  }
}

function parsed<S extends z.ZodType>(shape: S, work: (client: pg.PoolClient, row: z.infer<S>) => Promise<RowOutcome>): ImportRow {
  return async (client, given) => {
    const row = shape.safeParse(given);
    if (row.success) return work(client, row.data);
    return { outcome: 'refused', detail: row.error.issues.map((issue) => `${issue.path.join('.')}: ${issue.message}`).join('; ').slice(0, 500) };
  };
}

/** One row under a savepoint: what the database refuses of it, for instance a text that no column holds, is this row's fault alone. */
async function importOne(client: pg.PoolClient, importRow: ImportRow, row: unknown): Promise<RowOutcome> {
  await client.query('SAVEPOINT import_row');
  try {
    const outcome = await importRow(client, row);
    await client.query(outcome.outcome === 'refused' ? 'ROLLBACK TO SAVEPOINT import_row' : 'RELEASE SAVEPOINT import_row');
    return outcome;
  } catch (error) {
    if (!isDataFault(error)) throw error;
    await client.query('ROLLBACK TO SAVEPOINT import_row');
    return { outcome: 'refused', detail: 'the books cannot hold this row' };
  }
}

/** SQLSTATE classes 22 (data exception) and 23 (integrity constraint). */
function isDataFault(error: unknown): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && /^2[23]/.test(error.code);
}
