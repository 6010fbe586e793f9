import { z } from 'zod';
import { GivenTime, PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

/** How large a file of a station, or firmware for one, may be. */
export const fileBytesMax = 64 * 1024 * 1024;

const span = { from: GivenTime.nullable().default(null), to: GivenTime.nullable().default(null) };
/** POST /stations/:id/diagnostics: GetDiagnostics. */
export const DiagnosticsRequest = z.object(span).strict();
/** POST /stations/:id/logs: GetLog of the security extension. */
export const LogRequest = z.object({ type: z.enum(['diagnostics', 'security']).default('diagnostics'), ...span }).strict();

/** One asked upload, and the file when it came whole. */
export const StationUpload = z.object({
  id: Uuid, stationId: Uuid, stationIdentity: z.string(), kind: z.enum(['diagnostics', 'diagnostics-log', 'security-log']),
  state: z.enum(['asked', 'receiving', 'stored', 'failed', 'expired', 'deleted']), detail: z.string().nullable(),
  stationSays: z.string().nullable().describe('the last status that the station told of it'), stationSaidAt: Timestamp.nullable(),
  requestId: z.number().int(), from: Timestamp.nullable(), to: Timestamp.nullable(),
  createdBy: z.string(), createdAt: Timestamp, expiresAt: Timestamp,
  fileName: z.string().nullable(), sizeBytes: z.number().int().nullable(), sha256: z.string().nullable(), storedAt: Timestamp.nullable(), deletedAt: Timestamp.nullable(),
  commandId: Uuid.nullable(),
});
export type StationUpload = z.infer<typeof StationUpload>;
export const StationUploadPage = pageOf(StationUpload);
export const StationUploadListQuery = PageQuery.extend({ stationId: Uuid.optional() }).strict();
