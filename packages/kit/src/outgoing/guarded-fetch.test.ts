import { createServer, type RequestListener } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { afterAll, describe, expect, it } from 'vitest';
import { makeAuthority, makeCertificate } from '../x509/make-certificate.ts';
import { FetchRefused, createGuardedFetch, redactUrl, type FetchRefusal, type GuardedFetchOptions } from './guarded-fetch.ts';
import { isPublicAddress } from './public-address.ts';

const closing: (() => void)[] = [];
afterAll(() => closing.forEach((close) => close()));

/** What a name resolves to in these tests. */
const names: Record<string, string[]> = {
  'crl.example': ['93.184.216.34'], 'inside.example': ['10.0.0.5'], 'loop.example': ['127.0.0.1'], 'half.example': ['93.184.216.34', '127.0.0.1'], 'metadata.example': ['169.254.169.254'],
  'mapped.example': ['::ffff:127.0.0.1'], 'mapped2.example': ['::ffff:7f00:1'], 'six.example': ['::1'], 'ula.example': ['fd00::1'], 'link.example': ['fe80::1'], 'zone.example': ['fe80::1%eth0'],
  'cgnat.example': ['100.64.0.1'], 'multi.example': ['224.0.0.1'], 'multi6.example': ['ff02::1'], 'nat64.example': ['64:ff9b::7f00:1'], 'sixtofour.example': ['2002:7f00:1::'], 'teredo.example': ['2001::1'],
  'zero.example': ['0.0.0.0'], 'broad.example': ['255.255.255.255'], 'doc.example': ['203.0.113.7'], 'unspecified.example': ['::'], 'nowhere.example': [], 'odd.example': ['not an address'],
};
const listed = [...Object.keys(names), '127.0.0.1', '[::1]', '[::ffff:7f00:1]', '10.0.0.5', '169.254.169.254'];
const resolve = async (name: string): Promise<string[]> => names[name] ?? [];
const refusalOf = async (url: string, more: Partial<GuardedFetchOptions> = {}): Promise<FetchRefusal | 'none'> => {
  try {
    await createGuardedFetch({ allowedHosts: listed, resolve, ...more })({ url });
    return 'none';
  } catch (error) {
    return error instanceof FetchRefused ? error.reason : 'none';
  }
};

describe('C-13 what may not be asked is not asked', () => {
  it.each<[string, FetchRefusal]>([
    ['http://crl.example/', 'scheme'], ['ftp://crl.example/', 'scheme'], ['file:///etc/passwd', 'scheme'], ['gopher://crl.example/', 'scheme'], ['data:text/plain,x', 'scheme'], ['javascript:alert(1)', 'scheme'],
    ['', 'not-a-url'], ['crl.example', 'not-a-url'], ['https://', 'not-a-url'], ['https://crl.example:99999/', 'not-a-url'], ['//crl.example/', 'not-a-url'],
    ['https://user@crl.example/', 'userinfo'], ['https://user:secret@crl.example/', 'userinfo'], ['https://crl.example@evil.example/', 'userinfo'], ['https://:secret@crl.example/', 'userinfo'],
    ['https://evil.example/', 'host'], ['https://crl.example.evil.example/', 'host'], ['https://xcrl.example/', 'host'], ['https://crl.example:8443/', 'host'], ['https://sub.crl.example/', 'host'], ['https://crl%2eexample.evil.example/', 'host'],
    ['https://127.0.0.1/', 'address'], ['https://2130706433/', 'address'], ['https://0x7f000001/', 'address'], ['https://0177.0.0.1/', 'address'], ['https://127.1/', 'address'], ['https://0x7f.1/', 'address'],
    ['https://[::1]/', 'address'], ['https://[::ffff:127.0.0.1]/', 'address'], ['https://[0:0:0:0:0:ffff:7f00:1]/', 'address'], ['https://10.0.0.5/', 'address'], ['https://169.254.169.254/latest/meta-data/', 'address'], ['https://127。0。0。1/', 'address'],
    ...Object.keys(names).filter((name) => !['crl.example', 'nowhere.example'].includes(name)).map((name): [string, FetchRefusal] => [`https://${name}/`, 'address']),
    ['https://LOOP.example./', 'address'], ['https://nowhere.example/', 'unresolved'],
  ])('%s: %s', async (url, reason) => { expect(await refusalOf(url)).toBe(reason); });

  it('a name whose resolver never answers costs the time limit', async () => {
    expect(await refusalOf('https://crl.example/', { timeoutMs: 50, resolve: () => new Promise(() => undefined) })).toBe('timeout');
  });

  it('public addresses are public', () => {
    expect(['93.184.216.34', '1.1.1.1', '2606:4700:4700::1111', '172.15.0.1', '172.32.0.1', '100.63.255.255'].filter((each) => !isPublicAddress(each))).toEqual([]);
  });
});

describe('C-13 what is asked', () => {
  async function aServer(answer: RequestListener): Promise<{ port: number; authority: string }> {
    const times = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 3_600_000) };
    const authority = await makeAuthority({ commonName: 'Test CA', ...times });
    const { certificatePem: cert, keyPem: key } = await makeCertificate({ commonName: 'crl.example', usage: 'server', hostNames: ['crl.example'], ...times }, authority);
    const server = createTlsServer({ cert, key }, answer);
    await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
    closing.push(() => { server.closeAllConnections(); server.close(); });
    return { port: (server.address() as AddressInfo).port, authority: authority.certificatePem };
  }
  const client = (port: number, more: Partial<GuardedFetchOptions> = {}) => createGuardedFetch({ allowedHosts: [`crl.example:${port}`, `other.example:${port}`], resolve: async () => ['127.0.0.1'], alsoAddresses: ['127.0.0.1'], ...more });

  it('is asked at the address that was judged, once, however the name moves meanwhile; its certificate must be of its name', async () => {
    const { port, authority } = await aServer((request, response) => response.end(`${request.method} ${request.headers.host}`));
    const moving = ['127.0.0.1', '10.9.9.9'];
    let asked = 0;
    const fetch = client(port, { authorities: authority, resolve: async () => [moving[asked++] ?? '10.9.9.9'] });
    const answer = await fetch({ url: `https://crl.example:${port}/list?a=1` });
    expect([answer.status, String(answer.body), asked]).toEqual([200, `GET crl.example:${port}`, 1]);
    await expect(fetch({ url: `https://crl.example:${port}/` })).rejects.toMatchObject({ reason: 'address' });
    await expect(client(port, { authorities: authority })({ url: `https://other.example:${port}/` })).rejects.toMatchObject({ reason: 'failed' });
    await expect(client(port)({ url: `https://crl.example:${port}/` })).rejects.toMatchObject({ reason: 'failed' });
  });

  it('is not followed, not taken beyond 1 MiB with or without a length, and not waited for', async () => {
    const { port, authority } = await aServer((request, response) => {
      if (request.url === '/redirect') response.writeHead(302, { location: 'https://127.0.0.1/' }).end();
      else if (request.url === '/long') response.writeHead(200, { 'content-length': '2000000' }).write('x');
      else if (request.url === '/endless') { const more = (): void => { if (response.write(Buffer.alloc(65_536))) setImmediate(more); else response.once('drain', more); }; response.on('error', () => undefined); more(); }
    });
    const ask = (path: string, timeoutMs = 5_000) => client(port, { authorities: authority, timeoutMs })({ url: `https://crl.example:${port}${path}` });
    await expect(ask('/redirect')).rejects.toMatchObject({ reason: 'redirect' });
    await expect(ask('/long')).rejects.toMatchObject({ reason: 'too-large' });
    await expect(ask('/endless')).rejects.toMatchObject({ reason: 'too-large' });
    await expect(ask('/silent', 100)).rejects.toMatchObject({ reason: 'timeout' });
  });

  it('may be plain http for revocation alone, and only of a host of the list', async () => {
    const server = createServer((_request, response) => response.end('list'));
    await new Promise<void>((ready) => { server.listen(0, '127.0.0.1', ready); });
    closing.push(() => server.close());
    const { port } = server.address() as AddressInfo;
    expect(String((await client(port, { plainHttp: true })({ url: `http://crl.example:${port}/` })).body)).toBe('list');
    await expect(client(port)({ url: `http://crl.example:${port}/` })).rejects.toMatchObject({ reason: 'scheme' });
    await expect(client(port, { plainHttp: true })({ url: `http://evil.example:${port}/` })).rejects.toMatchObject({ reason: 'host' });
  });
});

it('C-13 a refusal names no user, no password and no query', () => {
  const message = new FetchRefused('userinfo', 'https://user:secret@crl.example/a?token=secret').message;
  expect(message).not.toContain('secret');
  expect(message).not.toContain('user:');
  expect(redactUrl('https://user:secret@crl.example/a?token=secret')).toBe('https://crl.example/a?…');
});
