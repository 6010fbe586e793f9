import type { FirmwareBooks } from '@csms/domain';
import type pg from 'pg';
import { noteUploadStatus } from '../uploads/station-uploads.ts';
import { noteFirmwareStatus } from './updates.ts';

/** The gateway's side of firmware and uploads: `ask` runs one transaction of a tenant. */
export function openFirmwareBooks(ask: <T>(operation: string, tenantId: string, work: (client: pg.PoolClient) => Promise<T>) => Promise<T>): FirmwareBooks {
  return {
    firmwareStatus: (source, fact) => ask('a note of a firmware status', source.tenantId, (client) => noteFirmwareStatus(client, source.stationId, fact, source.receivedAt)),
    uploadStatus: (source, fact) => ask('a note of an upload', source.tenantId, (client) => noteUploadStatus(client, source.stationId, fact, source.receivedAt)),
  };
}
