import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import chromium from '@sparticuz/chromium';
import { createLogger } from '@csms/kit';
import { chromium as playwright, type Browser } from 'playwright-core';
import { startIdentity } from '../../../tools/local/src/identity/identity.ts';
import { buildPage } from '../src/build.ts';
import { createIssuer } from '../src/issuer.ts';
import { buildPageServer } from '../src/page-server.ts';
import { startFixtureApi, type FixtureApi } from './fixture-api.ts';

export interface Harness { url: string; api: FixtureApi; accounts: { username: string; password: string }[]; close(): Promise<void> }

/** The dashboard's own server on a built page, before the real local issuer and the fixture API. */
export async function startHarness(): Promise<Harness> {
  const dataDir = mkdtempSync(join(tmpdir(), 'csms-dashboard-'));
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const [api, identity, { pageDir }] = await Promise.all([startFixtureApi(), startIdentity({ port: 0, dataDir, dashboardUrl: url }), buildPage()]);
  const client = identity.clients.find((each) => each.clientId === 'csms-dashboard');
  if (!client) throw new Error('the issuer has no client for the dashboard');
  const issuer = createIssuer({ issuer: identity.issuer, clientId: client.clientId, clientSecret: client.clientSecret, redirectUri: `${url}/auth/callback`, afterSignOutUrl: `${url}/`, scopes: 'openid profile', lab: true });
  const app = await buildPageServer({ publicUrl: url, apiUrl: api.url, cookieSecret: 'a secret of thirty-two characters', issuer, pageDir, log: createLogger('dashboard', 'silent') });
  await app.listen({ port, host: '127.0.0.1' });
  return {
    url, api, accounts: identity.accounts,
    async close() {
      await app.close();
      await Promise.all([api.close(), identity.close()]);
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/**
 * Chromium from npm alone (notes/dependencies.md 3.13). Not its own list of arguments: that one runs everything in one process, which dies with the
 * first closed context, and switches the web's security off, which is what is tested here.
 */
export async function launchBrowser(): Promise<Browser> {
  return playwright.launch({ executablePath: await chromium.executablePath(), args: ['--no-sandbox', '--disable-dev-shm-usage', '--disable-gpu'], headless: true });
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise<void>((resolve) => server.close(() => resolve()));
  return port;
}
