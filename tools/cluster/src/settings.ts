import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@csms/kit';
import { z } from 'zod';

/** What the environment says to the cluster's tools. */
export const clusterSettings = (env?: Record<string, string | undefined>) => loadConfig({
  CSMS_CACHE_DIR: z.string().default(join(homedir(), '.cache/csms')).describe('where what was built is kept'),
  KUBECONFIG: z.string().optional().describe('a cluster that is there already: nothing is made, and tests use that one'),
}, env);
