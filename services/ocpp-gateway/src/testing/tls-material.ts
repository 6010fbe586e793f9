import { makeAuthority, makeCertificate, type KeyKind, type KeyAndCertificate } from '@csms/kit/x509/make-certificate';
import type { TlsMaterial } from '../sockets/tls-context.ts';

const dayMs = 86_400_000;

/** A certificate authority of a test, good from yesterday until tomorrow. */
export function testAuthority(commonName = 'CA of a test'): Promise<KeyAndCertificate> {
  return makeAuthority({ commonName, notBefore: new Date(Date.now() - dayMs), notAfter: new Date(Date.now() + dayMs) });
}

/** What a TLS listener on this machine needs; a key of each kind that is asked for. */
export async function testTls(authority: KeyAndCertificate, given: { kinds?: KeyKind[]; hostNames?: string[]; notAfter?: Date } = {}): Promise<TlsMaterial> {
  const pairs = await Promise.all((given.kinds ?? ['ecdsa']).map((key) => makeCertificate({
    commonName: 'gateway', usage: 'server', key, hostNames: given.hostNames ?? ['localhost'], ipAddresses: given.hostNames === undefined ? ['127.0.0.1'] : [],
    notBefore: new Date(Date.now() - dayMs), notAfter: given.notAfter ?? new Date(Date.now() + dayMs),
  }, authority)));
  return { pairs, ticketSecret: null };
}
