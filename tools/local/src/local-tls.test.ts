import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { keepLocalTls } from './local-tls.ts';

it('the certificates of this machine are kept, made anew before they expire or when they are damaged, and the authority stays', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'csms-local-tls-'));
  try {
    const now = new Date('2026-11-24T00:00:00Z');
    const read = (name: string) => readFileSync(join(folder, name), 'utf8');
    const made = await keepLocalTls(join(folder, 'tls'), now);
    const [authority, first] = [read('tls/ca.crt'), read('tls/ecdsa.crt')];
    const leaf = new X509Certificate(first);
    expect(leaf.verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect([leaf.checkHost('localhost'), leaf.checkIP('127.0.0.1')]).toEqual(['localhost', '127.0.0.1']);
    expect(await keepLocalTls(join(folder, 'tls'), now)).toEqual(made);
    expect(read('tls/ecdsa.crt')).toBe(first);
    await keepLocalTls(join(folder, 'tls'), new Date('2027-12-01T00:00:00Z'));
    const second = read('tls/ecdsa.crt');
    expect(second).not.toBe(first);
    writeFileSync(join(folder, 'tls/ecdsa.crt'), 'damaged');
    await keepLocalTls(join(folder, 'tls'), new Date('2027-12-01T00:00:00Z'));
    expect(new X509Certificate(read('tls/ecdsa.crt')).verify(new X509Certificate(authority).publicKey)).toBe(true);
    expect(read('tls/ca.crt')).toBe(authority);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
});
