import { X509Certificate, createPrivateKey } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepLocalAuthority } from './local-authority.ts';

it('C-10 a tenant\'s authority on this machine is made once, and its key is its owner\'s alone', async () => {
  const dir = mkdtempSync(join(tmpdir(), 'csms-local-authority-'));
  try {
    const tenant = { id: 'demo', operatorName: 'Charge-IT' };
    await keepLocalAuthority(dir, tenant, new Date());
    const read = (name: string): string => readFileSync(join(dir, 'demo', name), 'utf8');
    const certificate = new X509Certificate(read('ca.pem'));
    expect([certificate.ca, certificate.subject, certificate.checkPrivateKey(createPrivateKey(read('ca.key')))]).toEqual([true, 'O=Charge-IT\nCN=Charge-IT stations', true]);
    expect(statSync(join(dir, 'demo/ca.key')).mode & 0o077).toBe(0);
    const first = read('ca.pem');
    await keepLocalAuthority(dir, tenant, new Date());
    expect(read('ca.pem')).toBe(first);
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
});
