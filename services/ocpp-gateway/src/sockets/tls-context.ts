import { constants, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { createSecureContext, type SecureContextOptions, type TlsOptions } from 'node:tls';

/** A server certificate with its chain, and its key, both PEM. */
export interface TlsPair { certificatePem: string; keyPem: string }

export interface TlsMaterial {
  /** One or two pairs: an ECDSA and an RSA certificate, so that both halves of A00.FR.318's suites can be chosen. */
  pairs: readonly TlsPair[];
  /** Secret from which the key of session tickets is made; the same in all gateways, so that a charger resumes at any of them. Null: this process's own. */
  ticketSecret: Uint8Array | null;
}

/** OCPP 2.0.1 A00.FR.318 and the 1.6 security whitepaper name these four; with forward secrecy, and for an RSA certificate the same with ECDHE. */
const forwardSecret = [
  'ECDHE-ECDSA-AES128-GCM-SHA256', 'ECDHE-ECDSA-AES256-GCM-SHA384', 'ECDHE-RSA-AES128-GCM-SHA256', 'ECDHE-RSA-AES256-GCM-SHA384',
];
/** The other half of A00.FR.318, for chargers that know no ephemeral keys: who later gets the server's key can read what was recorded. */
const plainRsa = ['AES128-GCM-SHA256', 'AES256-GCM-SHA384'];
const tls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

/**
 * The options of a TLS server for stations: TLS 1.2 and 1.3 only (A00.FR.313), no compression (.321), no renegotiation, forward secrecy unless `plainRsaExchange`
 * asks for the old suites too. Throws where a certificate and its key do not belong together or cannot be read.
 */
export function tlsServerOptions(material: TlsMaterial, plainRsaExchange: boolean): SecureContextOptions & Pick<TlsOptions, 'ticketKeys'> {
  const options = {
    cert: material.pairs.map((pair) => pair.certificatePem), key: material.pairs.map((pair) => pair.keyPem),
    minVersion: 'TLSv1.2' as const, maxVersion: 'TLSv1.3' as const,
    ciphers: [...tls13, ...forwardSecret, ...(plainRsaExchange ? plainRsa : [])].join(':'), honorCipherOrder: true,
    secureOptions: constants.SSL_OP_NO_COMPRESSION | constants.SSL_OP_NO_RENEGOTIATION,
    // Tickets of all gateways are of one context.
    sessionIdContext: createHash('sha256').update('csms-ocpp').digest('hex').slice(0, 32),
    ticketKeys: ticketKeys(material.ticketSecret ?? ownTicketSecret),
  };
  createSecureContext(options);
  return options;
}

const ownTicketSecret = randomBytes(32);

/** The 48 bytes that Node wants, made from a secret of any length. */
function ticketKeys(secret: Uint8Array): Buffer {
  return Buffer.from(hkdfSync('sha256', secret, Buffer.alloc(0), 'csms tls session tickets', 48));
}
