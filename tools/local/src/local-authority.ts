import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeAuthority } from '@csms/kit/x509/make-certificate';

const dayMs = 86_400_000;

/**
 * Keeps a certificate authority for a tenant in `<dir>/<tenant>/`, made at the first start: the API signs stations' certificates with it (security profile
 * 3). Its key stays in the folder, readable by its owner alone; no gateway is told where it is.
 */
export async function keepLocalAuthority(dir: string, tenant: { id: string; operatorName: string }, now: Date): Promise<void> {
  const folder = join(dir, tenant.id);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (existsSync(join(folder, 'ca.pem')) && existsSync(join(folder, 'ca.key'))) return;
  const made = await makeAuthority({ commonName: `${tenant.operatorName} stations`, organization: tenant.operatorName, notBefore: new Date(now.getTime() - dayMs), notAfter: new Date(now.getTime() + 3_650 * dayMs) });
  // The key first: a certificate without its key would be believed and could sign nothing.
  writeFileSync(join(folder, 'ca.key'), made.keyPem, { mode: 0o600 });
  writeFileSync(join(folder, 'ca.pem'), made.certificatePem);
}
