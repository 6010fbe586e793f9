import { createPublicKey, createVerify, generateKeyPairSync, randomBytes } from 'node:crypto';
import { createServer as createHttpServer } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { makeAuthority, makeCertificate } from '@csms/kit/x509/make-certificate';
import { z } from 'zod';

/*
 * The part of Google that gives a service account its token: oauth2.googleapis.com over TLS, under an authority of the test's own, reached through a proxy
 * (HTTPS_PROXY, by which the library reaches the database too), because the library knows no other address. It checks what Google checks: the account's signature, audience, scope and time (RFC 7523).
 */

export interface Google {
  /** Settings of a process that is to find this Google. */
  env: Record<string, string>;
  authorityPem: string;
  /** A certificate of the same authority for localhost. */
  serverTls: { key: string; cert: string };
  /** A new key of the account; the file's content as Google gives it. The keys before go on being accepted. */
  newKey(): string;
  /** From now on no token of this account's earlier keys is good. */
  forgetKeys(): void;
  acceptsAccount(accessToken: string): boolean;
  tokensGiven(): number;
  close(): Promise<void>;
}

const email = 'mirror@demo.iam.gserviceaccount.com';
const Assertion = z.object({ iss: z.literal(email), aud: z.string(), scope: z.string(), iat: z.number(), exp: z.number() });

export async function startGoogle(): Promise<Google> {
  const times = { notBefore: new Date(Date.now() - 3_600_000), notAfter: new Date(Date.now() + 86_400_000) };
  const authority = await makeAuthority({ commonName: 'Test authority', ...times });
  const certificate = await makeCertificate({ commonName: 'oauth2.googleapis.com', ...times, usage: 'server', hostNames: ['oauth2.googleapis.com'] }, authority);
  const local = await makeCertificate({ commonName: 'localhost', ...times, usage: 'server', hostNames: ['localhost'] }, authority);
  let publicKeys: string[] = [];
  let tokens = new Set<string>();
  let given = 0;

  const holds = (assertion: string): boolean => {
    const [header = '', payload = '', signature = ''] = assertion.split('.');
    const claims = Assertion.safeParse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    if (!claims.success || !claims.data.aud.startsWith('https://oauth2.googleapis.com/token') || !claims.data.scope.includes('https://www.googleapis.com/auth/firebase.database')) return false;
    if (claims.data.exp * 1_000 < Date.now()) return false;
    return publicKeys.some((key) => createVerify('RSA-SHA256').update(`${header}.${payload}`).verify(createPublicKey(key), Buffer.from(signature, 'base64url')));
  };
  const google = createTlsServer({ key: certificate.keyPem, cert: certificate.certificatePem }, (request, response) => {
    let text = '';
    request.on('data', (chunk: Buffer) => { text += chunk.toString(); }).on('end', () => {
      const assertion = request.url === '/token' ? new URLSearchParams(text).get('assertion') : null;
      const good = assertion !== null && holds(assertion);
      const token = `ya29.${randomBytes(16).toString('hex')}`;
      if (good) { tokens.add(token); given += 1; }
      response.writeHead(good ? 200 : 400, { 'content-type': 'application/json' }).end(JSON.stringify(good ? { access_token: token, expires_in: 3_599, token_type: 'Bearer' } : { error: 'invalid_grant', error_description: 'Invalid JWT Signature.' }));
    });
  });
  await listening(google);
  const sockets = new Set<Socket>();
  const proxy = createHttpServer((_, response) => response.writeHead(405).end());
  proxy.on('connect', (request, socket: Socket) => {
    const [host, port] = (request.url ?? '').split(':');
    if (host !== 'localhost' && host !== 'oauth2.googleapis.com') { socket.end('HTTP/1.1 403 Forbidden\r\n\r\n'); return; }
    const onward = connect(host === 'localhost' ? Number(port) : (google.address() as AddressInfo).port, '127.0.0.1', () => { socket.write('HTTP/1.1 200 Connection established\r\n\r\n'); onward.pipe(socket); socket.pipe(onward); });
    for (const [each, other] of [[socket, onward], [onward, socket]] as const) sockets.add(each.on('error', () => undefined).on('close', () => { sockets.delete(each); other.destroy(); }));
  });
  await listening(proxy);

  return {
    env: { HTTPS_PROXY: `http://127.0.0.1:${(proxy.address() as AddressInfo).port}` },
    authorityPem: authority.certificatePem,
    serverTls: { key: local.keyPem, cert: local.certificatePem },
    newKey() {
      const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });
      publicKeys.push(publicKey);
      return JSON.stringify({ type: 'service_account', project_id: 'demo', private_key_id: randomBytes(8).toString('hex'), private_key: privateKey, client_email: email, client_id: '1', token_uri: 'https://oauth2.googleapis.com/token' });
    },
    forgetKeys() { publicKeys = []; tokens = new Set(); },
    acceptsAccount: (token) => tokens.has(token),
    tokensGiven: () => given,
    async close() {
      for (const socket of sockets) socket.destroy();
      await Promise.all([google, proxy].map((server) => new Promise<void>((resolve) => { server.close(() => resolve()); server.closeAllConnections(); })));
    },
  };
}

const listening = (server: { listen(port: number, host: string, then: () => void): unknown }): Promise<void> => new Promise((resolve) => { server.listen(0, '127.0.0.1', resolve); });
