import { readBundle, type ReadCertificate } from '@csms/kit/x509/read-certificate';
import { createPrivateKey } from 'node:crypto';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';

/** How a tenant's certificates are signed: with a key that this process reads, or by somebody else who is asked over HTTPS. */
export type TenantSigner = { kind: 'key'; certificatePem: string; keyPem: string } | { kind: 'service'; url: string; bearerToken: string | null };

/** What the folder says of one tenant. `certificates`: whom its stations' certificates may be signed by; the first one signs, where there is a signer. */
export interface TenantAuthority { tenantId: string; operatorName: string; certificates: ReadCertificate[]; signer: TenantSigner | null }

const SignerFile = z.object({ url: z.url({ protocol: /^https$/ }).optional(), bearerTokenFile: z.string().optional(), operatorName: z.string().min(1).max(64).optional() }).strict();

/**
 * Reads `<dir>/<tenant>/`: `ca.pem`, one or more authorities, the signing one first; `ca.key`, its key (a mounted Secret; never in the books, and never in a
 * gateway); or `signer.json` with the URL of a service that signs, and the operator's name where it is not the O of the authority. A folder that cannot be
 * used is told to `onError`, and the other tenants are read all the same.
 */
export function readAuthorities(dir: string, onError: (tenantId: string, error: unknown) => void): TenantAuthority[] {
  const authorities: TenantAuthority[] = [];
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    // What Kubernetes keeps beside mounted files begins with two dots.
    if (entry.name.startsWith('.') || !existsSync(join(dir, entry.name, 'ca.pem'))) continue;
    try {
      authorities.push(readAuthority(join(dir, entry.name), entry.name));
    } catch (error) {
      onError(entry.name, error);
    }
  }
  return authorities;
}

function readAuthority(folder: string, tenantId: string): TenantAuthority {
  const certificates = readBundle(readFileSync(join(folder, 'ca.pem'), 'utf8'));
  const first = certificates?.[0];
  if (certificates === null || first === undefined || certificates.some((each) => !each.openssl.ca)) throw new Error('ca.pem holds no certificates of authorities');
  const signerFile = join(folder, 'signer.json');
  const said = existsSync(signerFile) ? SignerFile.parse(JSON.parse(readFileSync(signerFile, 'utf8'))) : {};
  const operatorName = said.operatorName ?? first.organizations[0];
  if (operatorName === undefined) throw new Error('the authority has no O, and signer.json no operatorName');
  return { tenantId, operatorName, certificates, signer: signerOf(folder, first, said) };
}

function signerOf(folder: string, first: ReadCertificate, said: z.infer<typeof SignerFile>): TenantSigner | null {
  if (said.url !== undefined) return { kind: 'service', url: said.url, bearerToken: said.bearerTokenFile === undefined ? null : readFileSync(join(folder, said.bearerTokenFile), 'utf8').trim() };
  const keyFile = join(folder, 'ca.key');
  if (!existsSync(keyFile)) return null;
  const keyPem = readFileSync(keyFile, 'utf8');
  if (!first.openssl.checkPrivateKey(createPrivateKey(keyPem))) throw new Error('ca.key is not the key of the first certificate in ca.pem');
  return { kind: 'key', certificatePem: first.pem, keyPem };
}
