import type { IncomingMessage } from 'node:http';
import type { TLSSocket } from 'node:tls';
import type { CertificateName, SecurityProfile, Station, StationBooks } from '@csms/domain';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import type { OcppVersion } from '@csms/ocpp';
import { matchCredential, readBasicPassword } from './basic-auth.ts';
import type { ClientCertificates } from './client-certificate.ts';
import type { KnockLog } from './knock-log.ts';
import { profileOfEntry } from './security-profile.ts';
import type { FirstUse, StationDirectory } from './station-directory.ts';

export interface AuthenticationParts {
  directory: StationDirectory;
  stations: Pick<StationBooks, 'credentialUsed' | 'securityProfileUsed' | 'securityEvent'>;
  knocks: KnockLog;
  clientCertificates: ClientCertificates;
  pepper: string;
  authTimeoutMs: number;
  /** Writes once the books are back; the newest under a key (UnwrittenFacts). */
  later: (key: string, write: () => Promise<unknown>) => void;
  now: () => Date;
}

/** A station that proved who it is, and how. */
export interface Entry { station: Station; profile: SecurityProfile; certificate: CertificateName | null }

/**
 * Who is this? Null for everybody who may not come in, for whatever reason: an unknown station, a wrong password, another tenant's, a wrong profile. All of them
 * cost a look-up and the same HMACs, and are written down as knocks (C-06). Rejects when the books cannot be asked.
 */
export async function authenticateStation(parts: AuthenticationParts, at: { tenantId: string; identity: string }, version: OcppVersion | null, request: IncomingMessage, tls: boolean): Promise<Entry | null> {
  const { directory, knocks, pepper, authTimeoutMs, now } = parts;
  const { tenantId, identity } = at;
  const password = readBasicPassword(request.headers.authorization, identity);
  const station = await within(directory.find(tenantId, identity), authTimeoutMs);
  const credential = matchCredential(pepper, password, station);
  const verdict = tls ? await certificateOf(parts, at, request) : null;
  const certificate = verdict?.ok === true ? verdict.certificate : null;
  const profile = station === null ? null : profileOfEntry(station, { tls, credentialOffered: request.headers.authorization !== undefined, credential, certificate: certificate !== null });
  if (station !== null && profile !== null) {
    const usesNext = (profile === 1 || profile === 2) && credential === 'next';
    await noteFirstUse(parts, station, { credentialHmac: usesNext ? station.credentialHmacNext : null, securityProfile: profile === station.securityProfileNext ? profile : null });
    return { station, profile, certificate: profile === 3 ? certificate : null };
  }
  const reason = station === null ? 'unknown-station'
    : verdict?.ok === false && verdict.reason !== 'no-certificate' && station.securityProfile === 3 ? `certificate-${verdict.reason}`
      : credential !== null || certificate !== null ? 'wrong-security-profile' : password === null ? 'no-credential' : 'wrong-password';
  knocks.record(tenantId, { identity, remoteAddress: request.socket.remoteAddress ?? '', ocppVersion: version, reason, at: now() });
  return null;
}

/**
 * What is on its way to the station has arrived. Where the books are away it is the only one here at once and on the books later: the station has nothing else
 * to come in with.
 */
async function noteFirstUse({ directory, stations, authTimeoutMs, later }: AuthenticationParts, station: Station, use: FirstUse): Promise<void> {
  const { tenantId, id } = station;
  const { credentialHmac, securityProfile } = use;
  const writes: [string, () => Promise<void>][] = [];
  if (credentialHmac !== null) writes.push(['credential', () => stations.credentialUsed(tenantId, id, credentialHmac)]);
  if (securityProfile !== null) writes.push(['security-profile', () => stations.securityProfileUsed(tenantId, id, securityProfile)]);
  if (writes.length === 0) return;
  for (const [what, write] of writes) {
    try {
      await within(write(), authTimeoutMs);
    } catch (error) {
      if (!(error instanceof BooksUnavailable)) throw error;
      later(`${what}/${tenantId}/${id}`, write);
    }
  }
  directory.used(station, use);
}

async function certificateOf({ clientCertificates, authTimeoutMs, now }: AuthenticationParts, { tenantId, identity }: { tenantId: string; identity: string }, request: IncomingMessage) {
  const chain = clientCertificates.presented({ peerChain: peerChain(request.socket as TLSSocket), headers: request.headers, now: now() });
  return chain.length === 0 ? null : within(clientCertificates.verify({ tenantId, identity, chain, now: now() }), authTimeoutMs);
}

const chainLengthMax = 8;

/** What the peer presented in its TLS handshake, DER, leaf first; empty for none. */
function peerChain(socket: TLSSocket): Buffer[] {
  const chain: Buffer[] = [];
  // A root is its own issuer in this structure.
  for (let certificate = socket.getPeerCertificate(true); certificate?.raw !== undefined && chain.length < chainLengthMax; certificate = certificate.issuerCertificate) {
    if (chain.some((known) => known.equals(certificate.raw))) break;
    chain.push(certificate.raw);
  }
  return chain;
}

function within<T>(promise: Promise<T>, limitMs: number): Promise<T> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new BooksUnavailable(`an answer within ${limitMs} ms`)), limitMs);
    promise.then((value) => { clearTimeout(timer); resolve(value); }, (error: unknown) => { clearTimeout(timer); reject(error instanceof Error ? error : new Error(String(error))); });
  });
}
