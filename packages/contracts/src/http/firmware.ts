import { z } from 'zod';
import { PageQuery, Timestamp, Uuid, pageOf } from './common.ts';

const word = z.string().min(1).max(50).regex(/^[^\p{Cc}]*$/u, 'no control characters').refine((text) => text.trim() === text, 'no blanks at its ends');
/** A file's name as it stands in an address and in a station's own folder. */
export const SafeFileName = z.string().regex(/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/, 'letters, digits, dot, dash and underscore, at most 100');

/** POST /firmware: what the file is; the file itself follows by PUT /firmware/:id/file. Signature and certificate come together or not at all. */
export const FirmwareCreate = z.object({
  vendor: word, model: word, version: word, fileName: SafeFileName,
  signature: z.string().regex(/^[A-Za-z0-9+/]+={0,2}$/).max(800).nullable().default(null).describe('base64, over the SHA-256 of the file'),
  signingCertificatePem: z.string().max(5_500).nullable().default(null),
}).strict().refine((given) => (given.signature === null) === (given.signingCertificatePem === null), { message: 'a signature needs its certificate', path: ['signature'] });

export const Firmware = z.object({
  id: Uuid, vendor: z.string(), model: z.string(), version: z.string(), fileName: z.string(),
  state: z.enum(['awaiting-file', 'awaiting-approval', 'approved', 'withdrawn']), isSigned: z.boolean(), signingFingerprint: z.string().nullable().describe('SHA-256 of the signing certificate'),
  sizeBytes: z.number().int().nullable(), sha256: z.string().nullable(),
  createdBy: z.string(), createdAt: Timestamp, approvedBy: z.string().nullable(), approvedAt: Timestamp.nullable(),
});
export type Firmware = z.infer<typeof Firmware>;
export const FirmwarePage = pageOf(Firmware);

const updateTimeoutS = z.number().int().min(1).max(86_400).default(3_600).describe('an update whose end was not heard of by then has failed');
/** POST /stations/:id/firmware. */
export const UpdateCreate = z.object({ firmwareId: Uuid, updateTimeoutS }).strict();
export const UpdateState = z.enum(['waiting', 'asked', 'downloading', 'downloaded', 'installing', 'installed', 'failed', 'cancelled']);
export const FirmwareUpdate = z.object({
  id: Uuid, firmwareId: Uuid, version: z.string(), stationId: Uuid, stationIdentity: z.string(), rolloutId: Uuid.nullable(),
  state: UpdateState, detail: z.string().nullable(), isSigned: z.boolean().describe('asked by SignedUpdateFirmware'), firmwareBefore: z.string().nullable(),
  stationSays: z.string().nullable(), stationSaidAt: Timestamp.nullable(), attempts: z.number().int(),
  createdBy: z.string(), createdAt: Timestamp, askedAt: Timestamp.nullable(), fetchedAt: Timestamp.nullable(), endedAt: Timestamp.nullable(),
});
export type FirmwareUpdate = z.infer<typeof FirmwareUpdate>;
export const FirmwareUpdatePage = pageOf(FirmwareUpdate);
export const FirmwareUpdateListQuery = PageQuery.extend({ stationId: Uuid.optional(), rolloutId: Uuid.optional() }).strict();

/** POST /rollouts: one station, a tenth, all; it stops by itself when more than 5 % of the stations asked so far failed. */
export const RolloutCreate = z.object({ firmwareId: Uuid, siteId: Uuid.nullable().default(null), updateTimeoutS }).strict();
export const Rollout = z.object({
  id: Uuid, firmwareId: Uuid, vendor: z.string(), model: z.string(), version: z.string(), siteId: Uuid.nullable(),
  state: z.enum(['running', 'paused', 'stopped', 'aborted', 'done']), stage: z.enum(['one', 'tenth', 'all']), detail: z.string().nullable(),
  stations: z.object({ total: z.number().int(), waiting: z.number().int(), onTheirWay: z.number().int(), installed: z.number().int(), failed: z.number().int(), cancelled: z.number().int() }),
  createdBy: z.string(), createdAt: Timestamp, updatedAt: Timestamp,
});
export type Rollout = z.infer<typeof Rollout>;
export const RolloutPage = pageOf(Rollout);
