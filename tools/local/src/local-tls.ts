import { randomBytes, X509Certificate } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { join } from 'node:path';
import { makeAuthority, makeCertificate, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';

const dayMs = 86_400_000;
const renewBeforeDays = 30;

/** What a gateway on this machine needs for its TLS port, and what a charger needs to trust it. */
export interface LocalTls {
  /** Give this file to a charger as the authority that it trusts. */
  authorityFile: string;
  gatewayEnv: { CSMS_TLS_CERT_FILE: string; CSMS_TLS_KEY_FILE: string; CSMS_TLS_TICKET_KEY_FILE: string };
}

/**
 * Keeps a certificate authority of this machine, and an ECDSA and an RSA certificate of the gateway under it, in `folder`: made at the first start, and the
 * certificates anew when they are about to expire. The authority's key stays in the folder, readable by its owner alone.
 */
export async function keepLocalTls(folder: string, now: Date): Promise<LocalTls> {
  if (!existsSync(folder)) mkdirSync(folder, { mode: 0o700 });
  const file = (name: string): string => join(folder, name);
  const authority = await kept(file('ca'), now, () => makeAuthority({ commonName: `Charge-IT local CA of ${hostname()}`.slice(0, 64), organization: 'Charge-IT', notBefore: new Date(now.getTime() - dayMs), notAfter: new Date(now.getTime() + 3_650 * dayMs) }));
  for (const key of ['ecdsa', 'rsa'] as const) {
    await kept(file(key), now, () => makeCertificate({
      commonName: 'localhost', usage: 'server', key, hostNames: [...new Set(['localhost', hostname()])], ipAddresses: ['127.0.0.1', '::1'],
      notBefore: new Date(now.getTime() - dayMs), notAfter: new Date(now.getTime() + 397 * dayMs),
    }, authority), authority);
  }
  if (!existsSync(file('tickets.key'))) write(file('tickets.key'), randomBytes(48).toString('hex'));
  return {
    authorityFile: file('ca.crt'),
    gatewayEnv: { CSMS_TLS_CERT_FILE: `${file('ecdsa.crt')},${file('rsa.crt')}`, CSMS_TLS_KEY_FILE: `${file('ecdsa.key')},${file('rsa.key')}`, CSMS_TLS_TICKET_KEY_FILE: file('tickets.key') },
  };
}

/** The pair in `<path>.crt` and `<path>.key`, while it is good and of this issuer; else a new one. */
async function kept(path: string, now: Date, make: () => Promise<KeyAndCertificate>, issuer?: KeyAndCertificate): Promise<KeyAndCertificate> {
  const found = readPair(path);
  if (found !== null && isGood(found, now, issuer)) return found;
  const made = await make();
  write(`${path}.key`, made.keyPem);
  write(`${path}.crt`, made.certificatePem);
  return made;
}

function readPair(path: string): KeyAndCertificate | null {
  if (!existsSync(`${path}.crt`) || !existsSync(`${path}.key`)) return null;
  return { certificatePem: readFileSync(`${path}.crt`, 'utf8'), keyPem: readFileSync(`${path}.key`, 'utf8') };
}

function isGood({ certificatePem }: KeyAndCertificate, now: Date, issuer: KeyAndCertificate | undefined): boolean {
  try {
    const certificate = new X509Certificate(certificatePem);
    return certificate.validToDate.getTime() > now.getTime() + renewBeforeDays * dayMs && (issuer === undefined || certificate.verify(new X509Certificate(issuer.certificatePem).publicKey));
  } catch {
    // Damaged: made anew.
    return false;
  }
}

/** Never half written: a gateway may be reading. */
function write(path: string, text: string): void {
  writeFileSync(`${path}.new`, text, { mode: 0o600 });
  renameSync(`${path}.new`, path);
}
