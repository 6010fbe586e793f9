import { X509Certificate, constants, createVerify } from 'node:crypto';

export interface SigningCertificate { pem: string; fingerprint: string; certificate: X509Certificate }

/** Reads the certificate that signed a firmware; a sentence where it cannot be one: RSA of 2048 bits or an elliptic curve, valid now. */
export function readSigningCertificate(pem: string, now: Date): SigningCertificate | string {
  let certificate: X509Certificate;
  try {
    certificate = new X509Certificate(pem);
  } catch {
    return 'it is no X.509 certificate in PEM';
  }
  const { asymmetricKeyType: kind, asymmetricKeyDetails: details } = certificate.publicKey;
  if (!(kind === 'ec' || (kind === 'rsa' && (details?.modulusLength ?? 0) >= 2_048))) return 'its key is neither RSA of at least 2048 bits nor of an elliptic curve';
  if (now < certificate.validFromDate || now > certificate.validToDate) return 'it is not valid now';
  return { pem: certificate.toString(), fingerprint: certificate.fingerprint256.replaceAll(':', '').toLowerCase(), certificate };
}

/**
 * Verifies a signature over a file as the file goes by (security whitepaper, 1.6 L01: SHA-256; RSA-PSS or PKCS#1 v1.5, ECDSA): hand every chunk to `hear`,
 * then ask `holds`.
 */
export function signatureVerifier(signatureBase64: string, { certificate }: Pick<SigningCertificate, 'certificate'>): { hear: (chunk: Buffer) => void; holds: () => boolean } {
  const key = certificate.publicKey;
  const signature = Buffer.from(signatureBase64, 'base64');
  const paddings = key.asymmetricKeyType === 'rsa' ? [constants.RSA_PKCS1_PSS_PADDING, constants.RSA_PKCS1_PADDING] : [undefined];
  const tries = paddings.map((padding) => ({ padding, verify: createVerify('sha256') }));
  return {
    hear: (chunk) => { for (const { verify } of tries) verify.update(chunk); },
    holds: () => tries.map(({ padding, verify }) => verify.verify(padding === undefined ? key : { key, padding }, signature)).some(Boolean),
  };
}
