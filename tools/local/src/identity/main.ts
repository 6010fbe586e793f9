import { ConfigError, createLogger, loadConfig, onShutdown, port, runMain } from '@csms/kit';
import { join } from 'node:path';
import { z } from 'zod';
import { startIdentity } from './identity.ts';

runMain('identity', async () => {
  const config = loadConfig({
    CSMS_IDENTITY_PORT: port.default(9000).describe('the issuer listens here'),
    OIDC_ISSUER: z.url().optional().describe('the public address, where it is not http://127.0.0.1:<port>'),
    CSMS_DATA_DIR: z.string().default('.csms'),
    CSMS_DASHBOARD_URL: z.url().default('http://127.0.0.1:3500'),
    LOG_LEVEL: z.enum(['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent']).default('info'),
  });
  const log = createLogger('identity', config.LOG_LEVEL);
  const identity = await startIdentity({
    port: config.CSMS_IDENTITY_PORT, issuer: config.OIDC_ISSUER, dataDir: join(config.CSMS_DATA_DIR, 'identity'), dashboardUrl: config.CSMS_DASHBOARD_URL,
  }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'EADDRINUSE') throw new ConfigError(`port ${config.CSMS_IDENTITY_PORT} is taken: set CSMS_IDENTITY_PORT`);
    throw error;
  });
  log.info({ event: 'ready', issuer: identity.issuer }, 'the issuer answers');
  onShutdown(log, 5_000, [['close the issuer', () => identity.close()]]);
});
