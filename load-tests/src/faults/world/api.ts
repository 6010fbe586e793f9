import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { startIdentity } from '@csms/local/identity/identity';
import { z } from 'zod';
import { startChild, type Child } from './child.ts';

const rootDir = resolve(import.meta.dirname, '../../../..');
const Listening = z.object({ event: z.literal('listening'), address: z.string() });

/** services/api as a process, with an issuer of its own, and a viewer of tenant demo who asks it. */
export interface ApiProcess extends Child {
  /** GET of a path under /api/v1: the status (0: no answer in 20 s) and how long it took. */
  get(path: string): Promise<{ status: number; tookMs: number }>;
  close(): Promise<void>;
}

export async function startApi(env: { DATABASE_URL: string; BUS_DATABASE_URL: string; CSMS_CREDENTIAL_PEPPER: string }): Promise<ApiProcess> {
  const dataDir = mkdtempSync(join(tmpdir(), 'csms-faults-api-'));
  const identity = await startIdentity({ port: 0, dataDir, dashboardUrl: 'http://127.0.0.1:1' });
  let listening: (address: string) => void = () => {};
  const found = new Promise<string>((done) => { listening = done; });
  const child = startChild(process.execPath, [join(rootDir, 'services/api/src/main.ts')], {
    cwd: rootDir,
    env: { CSMS_MODE: 'lab', CSMS_API_PORT: '0', ADMIN_PORT: '0', OIDC_ISSUER: identity.issuer, CSMS_OCPP_ENDPOINT: 'ws://127.0.0.1:1/ocpp', CSMS_REQUESTS_PER_MINUTE: '1000000', CSMS_FILES_DIR: join(dataDir, 'files'), ...env },
    onLine: (text) => {
      if (!text.includes('"event":"listening"')) return;
      const parsed = Listening.safeParse(JSON.parse(text));
      if (parsed.success) listening(parsed.data.address);
    },
  });
  const close = async (): Promise<void> => { await child.kill(); await identity.close(); rmSync(dataDir, { recursive: true, force: true }); };
  try {
    const base = await Promise.race([found, child.exited.then((code): never => { throw new Error(`the API ended with ${code} before it listened:\n${child.lastWords()}`); })]);
    const client = identity.clients.find(({ clientId }) => clientId === 'csms-cli')!;
    const answer = await fetch(`${identity.issuer}/token`, {
      method: 'POST', headers: { authorization: `Basic ${Buffer.from(`${client.clientId}:${client.clientSecret}`).toString('base64')}` },
      body: new URLSearchParams({ grant_type: 'client_credentials', role: 'viewer', tenant: 'demo' }),
    });
    const { access_token: token } = z.object({ access_token: z.string() }).parse(await answer.json());
    return {
      ...child, close,
      get: async (path) => {
        const beganMs = performance.now();
        const status = await fetch(`${base}/api/v1${path}`, { headers: { authorization: `Bearer ${token}` }, signal: AbortSignal.timeout(20_000) }).then(async (got) => { await got.arrayBuffer(); return got.status; }, () => 0);
        return { status, tookMs: performance.now() - beganMs };
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}
