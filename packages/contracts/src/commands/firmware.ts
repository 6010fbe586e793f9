import { z } from 'zod';

const retry = { retries: z.number().int().min(0).nullable(), retryIntervalS: z.number().int().min(0).nullable() };

/** Commands of the profile FirmwareManagement and its signed and log parts of the security extension, as the ledger keeps them. */
export const firmwareCommands = [
  z.object({ action: z.literal('update-firmware'), location: z.string(), retrieveAt: z.string(), ...retry }),
  z.object({
    action: z.literal('signed-update-firmware'), requestId: z.number().int(), location: z.string(), retrieveAt: z.string(), installAt: z.string().nullable(),
    signingCertificatePem: z.string(), signature: z.string(), ...retry,
  }),
  z.object({ action: z.literal('get-diagnostics'), location: z.string(), startAt: z.string().nullable(), stopAt: z.string().nullable(), ...retry }),
  z.object({
    action: z.literal('get-log'), requestId: z.number().int(), logType: z.enum(['DiagnosticsLog', 'SecurityLog']), location: z.string(),
    oldestAt: z.string().nullable(), latestAt: z.string().nullable(), ...retry,
  }),
] as const;
