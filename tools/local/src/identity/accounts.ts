import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** One person of the demo; `tenant` is null for the platform's staff. */
export interface AccountDefinition {
  username: string;
  name: string;
  tenant: string | null;
  role: 'viewer' | 'operator' | 'admin' | 'platform';
}
export interface Account extends AccountDefinition { password: string }

/**
 * A program that gets tokens. `grant` says how: a person signs in through it, or beside it on another device, it is staff itself, or it asks for a tenant and a
 * role (only here); `directory` gets none and keeps the accounts instead.
 */
export interface ClientDefinition { clientId: string; grant: 'sign-in' | 'device' | 'platform' | 'chosen' | 'directory' }
export interface Client extends ClientDefinition { clientSecret: string }

/** The demo's people: three of tenant demo, one of the platform, one of another tenant so that isolation can be seen. */
export const demoAccounts: AccountDefinition[] = [
  { username: 'admin', name: 'Ayu Lestari', tenant: 'demo', role: 'admin' },
  { username: 'operator', name: 'Bayu Pratama', tenant: 'demo', role: 'operator' },
  { username: 'viewer', name: 'Citra Dewi', tenant: 'demo', role: 'viewer' },
  { username: 'platform', name: 'Platform staff', tenant: null, role: 'platform' },
  { username: 'kota-admin', name: 'Dimas Pratama', tenant: 'kota', role: 'admin' },
];

export const platformClients: ClientDefinition[] = [
  { clientId: 'csms-dashboard', grant: 'sign-in' },
  { clientId: 'csms-operator', grant: 'platform' },
  { clientId: 'csms-cli', grant: 'chosen' },
  { clientId: 'csmsctl', grant: 'device' },
  { clientId: 'csms-api', grant: 'directory' },
];

const SecretsFile = z.object({ passwords: z.record(z.string(), z.string()), clientSecrets: z.record(z.string(), z.string()) });

/**
 * Passwords and client secrets, made once and kept in `<dataDir>/secrets.json` (mode 0600), so that a second start prints the same ones.
 * A file that does not parse is an error that names it; nothing is overwritten.
 */
export function withSecrets(dataDir: string, accounts: AccountDefinition[], clients: ClientDefinition[]): { accounts: Account[]; clients: Client[] } {
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  const path = join(dataDir, 'secrets.json');
  const kept = existsSync(path) ? readSecrets(path) : { passwords: {}, clientSecrets: {} };
  const full = {
    accounts: accounts.map((account) => ({ ...account, password: (kept.passwords[account.username] ??= randomBytes(9).toString('base64url')) })),
    clients: clients.map((client) => ({ ...client, clientSecret: (kept.clientSecrets[client.clientId] ??= randomBytes(24).toString('base64url')) })),
  };
  writeFileSync(`${path}.new`, `${JSON.stringify(kept, null, 2)}\n`, { mode: 0o600 });
  renameSync(`${path}.new`, path);
  return full;
}

function readSecrets(path: string): z.infer<typeof SecretsFile> {
  try {
    return SecretsFile.parse(JSON.parse(readFileSync(path, 'utf8')));
  } catch {
    throw new Error(`${path} is not the file of passwords that was written there: delete it to have new ones made`);
  }
}
