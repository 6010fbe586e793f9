import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { makeAuthority, makeCertificate } from '@csms/kit/x509/make-certificate';
import { afterEach, expect, it } from 'vitest';
import { createHttpTransfer } from '../src/transfer/http-transfer.ts';
import { aFileServer } from './file-server.ts';
import { endsWithTest, stopAll } from './one-charger.ts';

afterEach(stopAll);

const never = new AbortController().signal;

it('files are taken within their bounds, and a redirect, a refusal or an odd scheme is a failure that says what it was', async () => {
  const files = await aFileServer();
  const transfer = createHttpTransfer(() => []);
  files.files.set('/small', Buffer.from('0123456789'));
  files.files.set('/moved', 302);
  files.files.set('/closed', 403);
  const download = (path: string, bytesMax = 10) => transfer.download(files.url + path, bytesMax, never);
  expect(String(await download('/small'))).toBe('0123456789');
  await expect(download('/small', 9)).rejects.toThrow('more than 9 bytes');
  await expect(download('/moved')).rejects.toThrow('302');
  await expect(download('/closed')).rejects.toMatchObject({ name: 'TransferDenied' });
  await expect(transfer.download('ftp://127.0.0.1/x', 10, never)).rejects.toMatchObject({ name: 'UnsupportedLocation' });
  await expect(transfer.download('not an address', 10, never)).rejects.toThrow('not an address');
  await expect(transfer.download('http://127.0.0.1:1/', 10, never)).rejects.toThrow('ECONNREFUSED');
  await transfer.upload(`${files.url}/log`, Buffer.from('lines'), never);
  expect(files.uploads.get('/log')).toBe('lines');
});

it('over HTTPS the server has to chain to the installed roots', async () => {
  const validity = { notBefore: new Date(Date.now() - 86_400_000), notAfter: new Date(Date.now() + 86_400_000) };
  const root = await makeAuthority({ commonName: 'root', ...validity });
  const stranger = await makeAuthority({ commonName: 'stranger', ...validity });
  const { certificatePem, keyPem } = await makeCertificate({ commonName: 'files', ...validity, usage: 'server', ipAddresses: ['127.0.0.1'] }, root);
  const server = createServer({ cert: certificatePem, key: keyPem }, (_request, response) => response.end('image'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  endsWithTest(() => {
    server.closeAllConnections();
    server.close();
  });
  const url = `https://127.0.0.1:${(server.address() as AddressInfo).port}/`;
  expect(String(await createHttpTransfer(() => [root.certificatePem]).download(url, 10, never))).toBe('image');
  await expect(createHttpTransfer(() => [stranger.certificatePem]).download(url, 10, never)).rejects.toThrow(/certificate/);
  await expect(createHttpTransfer(() => []).download(url, 10, never)).rejects.toThrow(/certificate/);
});
