import { commonSettings, createLogger, createMetrics, loadConfig, onShutdown, port, runMain, startAdminServer } from '@csms/kit';
import { z } from 'zod';
import { buildPage } from './build.ts';
import { createIssuer } from './issuer.ts';
import { buildPageServer } from './page-server.ts';

runMain('dashboard', async () => {
  const config = loadConfig({
    ...commonSettings,
    CSMS_DASHBOARD_PORT: port.default(3500),
    CSMS_DASHBOARD_HOST: z.string().optional().describe('the address to listen on; by default 127.0.0.1 in lab mode, all addresses elsewhere'),
    CSMS_DASHBOARD_URL: z.url().describe('the public origin of this dashboard'),
    CSMS_API_URL: z.url(),
    OIDC_ISSUER: z.url(),
    OIDC_CLIENT_ID: z.string(),
    OIDC_CLIENT_SECRET: z.string(),
    OIDC_SCOPES: z.string().default('openid profile'),
    CSMS_COOKIE_SECRET: z.string().min(32, 'must have 32 characters or more'),
  });
  const log = createLogger('dashboard', config.LOG_LEVEL);
  const publicUrl = new URL(config.CSMS_DASHBOARD_URL).origin;
  const issuer = createIssuer({
    issuer: config.OIDC_ISSUER, clientId: config.OIDC_CLIENT_ID, clientSecret: config.OIDC_CLIENT_SECRET, scopes: config.OIDC_SCOPES,
    redirectUri: `${publicUrl}/auth/callback`, afterSignOutUrl: `${publicUrl}/`, lab: config.CSMS_MODE === 'lab',
  });
  const { pageDir } = await buildPage();
  const app = await buildPageServer({ publicUrl, apiUrl: config.CSMS_API_URL, cookieSecret: config.CSMS_COOKIE_SECRET, issuer, pageDir, log });
  let stopping = false;
  const admin = await startAdminServer({ port: config.ADMIN_PORT, host: config.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0', metrics: createMetrics('dashboard'), ready: () => (stopping ? 'stopping' : null) });
  const address = await app.listen({ port: config.CSMS_DASHBOARD_PORT, host: config.CSMS_DASHBOARD_HOST ?? (config.CSMS_MODE === 'lab' ? '127.0.0.1' : '0.0.0.0') });
  log.info({ event: 'listening', address, admin: admin.port }, `the dashboard listens at ${address}`);
  onShutdown(log, 8_000, [['ready', () => { stopping = true; }], ['http', () => app.close()], ['admin', () => admin.close()]]);
});
