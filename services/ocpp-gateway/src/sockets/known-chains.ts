import { readBundle, type ReadCertificate } from '@csms/kit/x509/read-certificate';

/** As many certificates of stations, and of authorities between them and their root, are remembered. */
const chainsMax = 20_000;
const issuersMax = 1_000;

/**
 * The authorities between a station's certificate and its root, as that station presented them when its certificate was good. A TLS session that is resumed
 * brings the station's own certificate and none of the others: OpenSSL keeps no more in a session or a ticket. Whatever is added here is verified like what was
 * presented.
 */
export class KnownChains {
  readonly #read: (tenantId: string, identity: string, fingerprintSha256: string) => Promise<string | null>;
  readonly #chains = new Map<string, readonly Buffer[]>();
  /** Thousands of stations have one authority in between: its bytes are there once. */
  readonly #issuers = new Map<string, Buffer>();

  /** `read` asks the books for the chain of a certificate that a station came in with, PEM, leaf first; null for none. */
  constructor(read: (tenantId: string, identity: string, fingerprintSha256: string) => Promise<string | null>) {
    this.#read = read;
  }

  remember(tenantId: string, leaf: ReadCertificate, intermediates: readonly ReadCertificate[]): void {
    if (intermediates.length === 0) return;
    const key = `${tenantId}/${leaf.fingerprintSha256}`;
    this.#chains.delete(key);
    putBounded(this.#chains, key, intermediates.map((each) => this.#once(each)), chainsMax);
  }

  /** What was between this certificate of that station and its root, DER; empty where nothing is known. Rejects where only the books could know and are away. */
  async behind(tenantId: string, identity: string, leaf: ReadCertificate): Promise<readonly Buffer[]> {
    const known = this.#chains.get(`${tenantId}/${leaf.fingerprintSha256}`);
    if (known !== undefined) return known;
    const kept = await this.#read(tenantId, identity, leaf.fingerprintSha256);
    return kept === null ? [] : (readBundle(kept) ?? []).slice(1).map(({ openssl }) => openssl.raw);
  }

  #once({ fingerprintSha256, openssl }: ReadCertificate): Buffer {
    const known = this.#issuers.get(fingerprintSha256);
    if (known !== undefined) return known;
    putBounded(this.#issuers, fingerprintSha256, openssl.raw, issuersMax);
    return openssl.raw;
  }
}

function putBounded<Value>(map: Map<string, Value>, key: string, value: Value, max: number): void {
  map.set(key, value);
  if (map.size > max) for (const oldest of map.keys()) { map.delete(oldest); break; }
}
