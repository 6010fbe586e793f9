import { X509Certificate, constants, verify, type KeyObject } from 'node:crypto';

/**
 * Whether a firmware may be signed with this certificate: readable, valid now, and issued by (or being) one of the
 * manufacturer's roots (security whitepaper, L01). No root, no trust.
 */
export function isSigningCertificate(pem: string, manufacturerRoots: readonly string[], nowMs: number): boolean {
  try {
    const certificate = new X509Certificate(pem);
    if (nowMs < Date.parse(certificate.validFrom) || nowMs > Date.parse(certificate.validTo)) return false;
    return manufacturerRoots.some((rootPem) => {
      const root = new X509Certificate(rootPem);
      return root.fingerprint256 === certificate.fingerprint256 || (certificate.checkIssued(root) && certificate.verify(root.publicKey));
    });
  } catch {
    return false;
  }
}

/** Whether `signatureBase64` is the certificate's signature of the SHA-256 of the image: ECDSA, RSA-PSS or RSA PKCS #1. */
export function isSignedBy(image: Buffer, signatureBase64: string, certificatePem: string): boolean {
  try {
    const key = new X509Certificate(certificatePem).publicKey;
    const signature = Buffer.from(signatureBase64, 'base64');
    return waysToVerify(key).some((way) => verify('sha256', image, way, signature));
  } catch {
    return false;
  }
}

function waysToVerify(key: KeyObject) {
  if (key.asymmetricKeyType !== 'rsa') return [{ key }];
  return [
    { key, padding: constants.RSA_PKCS1_PSS_PADDING, saltLength: constants.RSA_PSS_SALTLEN_AUTO },
    { key, padding: constants.RSA_PKCS1_PADDING },
  ];
}
