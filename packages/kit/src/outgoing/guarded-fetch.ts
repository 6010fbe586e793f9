import { lookup } from 'node:dns/promises';
import { request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { isIP } from 'node:net';
import { isPublicAddress } from './public-address.ts';

export interface GuardedFetchOptions {
  /** Whom we may ask: a host name, or `host:port` where the port is not the usual one. Nobody else is asked, whatever a certificate, a station or a user says. */
  allowedHosts: readonly string[];
  /** Plain http too: for revocation lists and OCSP alone, whose answers are signed (RFC 5280, 4.2.1.13). */
  plainHttp?: boolean;
  /** Authorities of the servers, PEM; absent: those of the system. */
  authorities?: string;
  timeoutMs?: number;
  bytesMax?: number;
  resolve?: (hostName: string) => Promise<readonly string[]>;
  /** Addresses that may be asked although they are not public: a server of a test, or of the same machine. */
  alsoAddresses?: readonly string[];
}

export interface GuardedRequest { url: string; method?: 'GET' | 'POST'; headers?: Record<string, string>; body?: string | Buffer }
export interface GuardedResponse { status: number; headers: Record<string, string | string[] | undefined>; body: Buffer }

export type FetchRefusal = 'not-a-url' | 'scheme' | 'userinfo' | 'host' | 'unresolved' | 'address' | 'redirect' | 'too-large' | 'timeout' | 'failed';

/** A request that was not made, or whose answer was not taken. The message has no user information of the URL in it. */
export class FetchRefused extends Error {
  override name = 'FetchRefused';
  readonly reason: FetchRefusal;

  constructor(reason: FetchRefusal, url: string, cause?: unknown) {
    super(`${redactUrl(url)}: ${sentences[reason]}${cause instanceof Error ? ` (${cause.message})` : ''}`, { cause });
    this.reason = reason;
  }
}

const sentences: Record<FetchRefusal, string> = {
  'not-a-url': 'is no URL', scheme: 'must be https', userinfo: 'must not carry a user or a password', host: 'is of no host that we may ask', unresolved: 'has no address',
  address: 'is at an address that is not public', redirect: 'redirects, which is not followed', 'too-large': 'is larger than we take', timeout: 'took too long', failed: 'could not be read',
};

/** A URL for a log: without user information, and without a query, which may hold a secret too. */
export function redactUrl(url: string): string {
  const parsed = URL.parse(url);
  return parsed === null ? 'a text that is no URL' : `${parsed.protocol}//${parsed.host}${parsed.pathname}${parsed.search === '' ? '' : '?…'}`.slice(0, 300);
}

export type GuardedFetch = (request: GuardedRequest) => Promise<GuardedResponse>;

/**
 * The one way out to hosts of others (C-13): https, a host of the list, every address that it resolves to public, the connection to the very address that
 * was judged, no redirect followed, 5 s and 1 MiB. Rejects with FetchRefused.
 */
export function createGuardedFetch(options: GuardedFetchOptions): GuardedFetch {
  const { plainHttp = false, timeoutMs = 5_000, bytesMax = 1_048_576, resolve = resolveAll, alsoAddresses = [] } = options;
  const allowed = new Set(options.allowedHosts.map((host) => host.trim().toLowerCase().replace(/\.$/, '')));

  return async (request) => {
    const signal = AbortSignal.timeout(timeoutMs);
    const url = judgeUrl(request.url, allowed, plainHttp);
    const hostName = bareHostName(url);
    const addresses = isIP(hostName) === 0 ? await Promise.race([resolve(hostName).catch(() => []), aborted(signal)]) : [hostName];
    if (addresses === 'aborted') throw new FetchRefused('timeout', request.url);
    const [address] = addresses;
    if (address === undefined) throw new FetchRefused('unresolved', request.url);
    if (!addresses.every((each) => isPublicAddress(each) || alsoAddresses.includes(each))) throw new FetchRefused('address', request.url);
    return ask(request, url, address, { signal, bytesMax, authorities: options.authorities });
  };
}

function judgeUrl(text: string, allowed: ReadonlySet<string>, plainHttp: boolean): URL {
  const url = URL.parse(text);
  if (url === null) throw new FetchRefused('not-a-url', text);
  if (url.protocol !== 'https:' && !(plainHttp && url.protocol === 'http:')) throw new FetchRefused('scheme', text);
  if (url.username !== '' || url.password !== '') throw new FetchRefused('userinfo', text);
  // URL has made every spelling of an IPv4 address the usual one, and left out the scheme's own port.
  if (!allowed.has(url.host.replace(/\.(?=:|$)/, ''))) throw new FetchRefused('host', text);
  return url;
}

function bareHostName(url: URL): string {
  return url.hostname.replace(/^\[(.*)\]$/, '$1').replace(/\.$/, '');
}

function ask(request: GuardedRequest, url: URL, address: string, limits: { signal: AbortSignal; bytesMax: number; authorities: string | undefined }): Promise<GuardedResponse> {
  const { signal, bytesMax, authorities } = limits;
  const hostName = bareHostName(url);
  const family = isIP(address);
  return new Promise((done, reject) => {
    const refuse = (reason: FetchRefusal, cause?: unknown): void => {
      reject(new FetchRefused(signal.aborted ? 'timeout' : reason, request.url, cause));
      outgoing.destroy();
    };
    const outgoing = (url.protocol === 'https:' ? httpsRequest : httpRequest)({
      host: hostName, port: url.port === '' ? (url.protocol === 'https:' ? 443 : 80) : Number(url.port), path: `${url.pathname}${url.search}`, method: request.method ?? 'GET', signal, agent: false,
      headers: { 'user-agent': 'charge-it-csms', connection: 'close', ...request.headers, host: url.host },
      // The address that was judged, whatever the name resolves to now.
      lookup: (_name, how, answer) => {
        if (how.all === true) answer(null, [{ address, family }]);
        else answer(null, address, family);
      },
      ...(url.protocol === 'https:' ? { minVersion: 'TLSv1.2' as const, ...(isIP(hostName) === 0 ? { servername: hostName } : {}), ...(authorities === undefined ? {} : { ca: authorities }) } : {}),
    });
    outgoing.on('error', (error) => refuse('failed', error));
    outgoing.on('response', (response) => {
      const status = response.statusCode ?? 0;
      if (status >= 300 && status < 400) { refuse('redirect'); return; }
      if (Number(response.headers['content-length'] ?? 0) > bytesMax) { refuse('too-large'); return; }
      const chunks: Buffer[] = [];
      let bytes = 0;
      response.on('data', (chunk: Buffer) => {
        bytes += chunk.length;
        if (bytes > bytesMax) refuse('too-large');
        else chunks.push(chunk);
      });
      response.on('error', (error) => refuse('failed', error));
      response.on('end', () => done({ status, headers: response.headers, body: Buffer.concat(chunks) }));
    });
    outgoing.end(request.body);
  });
}

async function resolveAll(hostName: string): Promise<string[]> {
  return (await lookup(hostName, { all: true })).map(({ address }) => address);
}

function aborted(signal: AbortSignal): Promise<'aborted'> {
  return new Promise((done) => { signal.addEventListener('abort', () => done('aborted'), { once: true }); });
}
