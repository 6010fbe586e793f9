import { z } from 'zod';
import { grafana, logs, networkPolicies, prometheus } from './monitoring.ts';
import { api, certificates, exposure, global, hosts, metricsApi, operator, selfTest, sites } from './platform.ts';
import { backup, keycloak, postgres, redis } from './stores.ts';

/** Every value of charts/csms, closed. values.yaml, values.schema.json and the table of the chart's README are printed from it. */
export const Values = z.strictObject({
  logLevel: z.enum(['trace', 'debug', 'info', 'warn', 'error']).default('info').describe('Of all processes of ours.'),
  global, hosts, exposure, certificates, operator, api, sites, postgres, redis, keycloak, backup, prometheus, grafana, logs, networkPolicies, metricsApi, selfTest,
});
export type Values = z.infer<typeof Values>;

/** The defaults, as a user sees them in values.yaml. */
export const defaults = (): Values => Values.parse({});
