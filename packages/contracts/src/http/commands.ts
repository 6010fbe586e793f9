import { z } from 'zod';
import { PageQuery, Timestamp, Uuid, pageOf } from './common.ts';
import { CardUid } from './identity.ts';

const evseId = z.number().int().min(0).max(100);
export const StationCommand = z.discriminatedUnion('action', [
  z.object({ action: z.literal('remote-start'), evseId: evseId.nullable().default(null), tokenUid: CardUid }).strict(),
  z.object({ action: z.literal('remote-stop'), sessionId: Uuid }).strict(),
  z.object({ action: z.literal('reset'), kind: z.enum(['hard', 'soft']).default('soft') }).strict(),
  z.object({ action: z.literal('unlock'), evseId, connectorId: z.number().int().min(1).max(100) }).strict(),
  z.object({ action: z.literal('change-availability'), evseId: evseId.default(0), available: z.boolean() }).strict(),
  z.object({ action: z.literal('clear-cache') }).strict(),
  z.object({ action: z.literal('change-configuration'), key: z.string().min(1).max(50), value: z.string().max(500) }).strict(),
  z.object({ action: z.literal('get-configuration'), keys: z.array(z.string().max(50)).max(50).default([]) }).strict(),
  z.object({ action: z.literal('trigger'), message: z.string().min(1).max(50), evseId: evseId.nullable().default(null) }).strict(),
  z.object({ action: z.literal('extended-trigger'), message: z.string().min(1).max(50), evseId: evseId.nullable().default(null) }).strict(),
  z.object({ action: z.literal('data-transfer'), vendorId: z.string().min(1).max(255), messageId: z.string().max(50).nullable().default(null), data: z.string().max(10_000).nullable().default(null) }).strict(),
  z.object({ action: z.literal('get-local-list-version') }).strict(),
]);
export type StationCommandRequest = z.infer<typeof StationCommand>;

/** POST /stations/:id/commands?wait=true|false, header Idempotency-Key (made by the server when absent); role operator. */
export const CommandCreate = z.object({ command: StationCommand, timeoutMs: z.number().int().min(1_000).max(120_000).default(30_000) }).strict();

export const Command = z.object({
  id: Uuid, stationId: Uuid, action: z.string(), payload: z.unknown(),
  state: z.enum(['queued', 'sent', 'accepted', 'rejected', 'failed', 'unknown', 'expired', 'not-connected']),
  idempotencyKey: z.string(), createdBy: z.string(), createdAt: Timestamp, deadlineAt: Timestamp, sentAt: Timestamp.nullable(), answeredAt: Timestamp.nullable(),
  result: z.unknown().nullable(), detail: z.string().nullable(), lateResult: z.unknown().nullable(), sessionId: Uuid.nullable(),
});
export type Command = z.infer<typeof Command>;
export const CommandPage = pageOf(Command);
export const CommandListQuery = PageQuery.extend({ stationId: Uuid.optional() }).strict();
