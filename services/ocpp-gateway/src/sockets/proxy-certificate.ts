import type { IncomingHttpHeaders } from 'node:http';
import { readBundle } from '@csms/kit/x509/read-certificate';
import { verifyClientChain } from '@csms/kit/x509/verify-chain';

/** TLS proxies in front of us that may say who their own client was. */
export interface TrustedProxies {
  /** Authorities of the proxies' own certificates, PEM. */
  authorities: readonly string[];
  /** CN, or DNS name, of each proxy's certificate. */
  names: readonly string[];
  /** The header that they set, in lower case. */
  header: string;
}

/** Does the TLS peer prove that it is one of our proxies? */
export function isTrustedProxy(peerChain: readonly Buffer[], proxies: TrustedProxies, now: Date): boolean {
  if (peerChain.length === 0 || proxies.names.length === 0) return false;
  const verdict = verifyClientChain({ chain: peerChain, authorities: proxies.authorities, now });
  if (!verdict.ok) return false;
  const { commonNames, openssl } = verdict.leaf;
  const hostNames = (openssl.subjectAltName ?? '').split(', ').filter((name) => name.startsWith('DNS:')).map((name) => name.slice('DNS:'.length));
  return [...commonNames, ...hostNames].some((name) => proxies.names.includes(name));
}

const headerCharsMax = 65_536;

/**
 * The chain in a proxy's header, DER, leaf first: a URL-encoded PEM bundle (nginx, HAProxy), or the Cert or Chain of an X-Forwarded-Client-Cert (Envoy).
 * Where there are several elements the last one is the proxy's own; those before it came with the request. Empty when there is none that can be read.
 */
export function readForwardedChain(headers: IncomingHttpHeaders, header: string): Buffer[] {
  const given = headers[header];
  const text = Array.isArray(given) ? given.at(-1) : given;
  if (text === undefined || text.length > headerCharsMax) return [];
  const element = elementsOf(text, ',').at(-1) ?? '';
  const fields = new Map(elementsOf(element, ';').map((field) => /^\s*([A-Za-z]+)="?([^"]*)"?\s*$/.exec(field)).filter((match) => match !== null).map((match) => [match[1]!.toLowerCase(), match[2]!]));
  const encoded = fields.get('chain') ?? fields.get('cert') ?? element;
  try {
    return (readBundle(decodeURIComponent(encoded.trim())) ?? []).map((certificate) => certificate.openssl.raw);
  } catch {
    return [];
  }
}

/** Split outside of double quotes. */
function elementsOf(text: string, separator: string): string[] {
  const elements: string[] = [];
  let quoted = false;
  let from = 0;
  for (let i = 0; i < text.length; i += 1) {
    if (text[i] === '"') quoted = !quoted;
    else if (text[i] === separator && !quoted) { elements.push(text.slice(from, i)); from = i + 1; }
  }
  return [...elements, text.slice(from)];
}
