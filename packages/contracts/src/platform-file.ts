import { z } from 'zod';

/** `.csms/run/platform.json` (mode 0600): where the platform that `npm start` runs can be found, while it runs. For csmsctl, replay and tests. */
export const PlatformFile = z.object({
  pid: z.number().int(),
  startedAt: z.string(),
  addresses: z.object({ ocpp: z.string(), api: z.string(), dashboard: z.string(), issuer: z.string() }),
  defaultTenant: z.string(),
  dataDir: z.string(),
  databaseUrl: z.string().describe('as csms_app'),
  adminUrl: z.string().describe('as superuser: audits alone'),
  clusterUrl: z.string(),
  cli: z.object({ clientId: z.string(), clientSecret: z.string() }),
  adminPorts: z.record(z.string(), z.number().int()),
});
export type PlatformFile = z.infer<typeof PlatformFile>;
