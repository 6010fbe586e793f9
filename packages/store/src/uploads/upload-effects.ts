import type { CommandRecord } from '@csms/domain';
import type pg from 'pg';
import { uploadRefused } from './station-uploads.ts';

/** Effect of GetDiagnostics and GetLog: a station that was not reached, or said no, sends no file. An answer that never came says nothing: the file may come. */
export async function uploadEffect(client: pg.PoolClient, _command: unknown, record: CommandRecord): Promise<void> {
  if (['rejected', 'failed', 'not-connected', 'expired'].includes(record.state)) await uploadRefused(client, record.idempotencyKey, record.detail ?? record.state);
}
