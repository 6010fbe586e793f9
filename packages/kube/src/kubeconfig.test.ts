import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { kubeconfigTransport } from './kubeconfig.ts';
import { serviceAccountTransport } from './service-account.ts';

let folder: string;
beforeEach(async () => { folder = await mkdtemp(join(tmpdir(), 'csms-kubeconfig-')); });
afterEach(() => rm(folder, { recursive: true, force: true }));

async function transportWith(user: object, cluster: object = {}) {
  const path = join(folder, 'config');
  await writeFile(path, JSON.stringify({
    'current-context': 'here', contexts: [{ name: 'there', context: { cluster: 'x', user: 'x' } }, { name: 'here', context: { cluster: 'c', user: 'u' } }],
    clusters: [{ name: 'c', cluster: { server: 'https://127.0.0.1:6443/', ...cluster } }], users: [{ name: 'u', user }],
  }));
  return kubeconfigTransport(path);
}

describe('who asks the cluster', () => {
  it('a token of a kubeconfig', async () => {
    const transport = await transportWith({ token: 'abc' });
    expect(transport.origin).toBe('https://127.0.0.1:6443');
    expect(await transport.headers()).toEqual({ authorization: 'Bearer abc' });
  });

  it('a token in a file beside it, read anew when it is refused', async () => {
    await writeFile(join(folder, 'token'), 'first\n');
    const transport = await transportWith({ tokenFile: 'token' });
    expect(await transport.headers()).toEqual({ authorization: 'Bearer first' });
    await writeFile(join(folder, 'token'), 'second');
    expect(await transport.headers()).toEqual({ authorization: 'Bearer first' });
    transport.renew?.();
    expect(await transport.headers()).toEqual({ authorization: 'Bearer second' });
  });

  it('a program that the kubeconfig names', async () => {
    const credential = JSON.stringify({ apiVersion: 'client.authentication.k8s.io/v1', kind: 'ExecCredential', status: { token: 'from-a-program' } });
    const transport = await transportWith({ exec: { apiVersion: 'client.authentication.k8s.io/v1', command: process.execPath, args: ['-e', `process.stdout.write(${JSON.stringify(credential)})`] } });
    expect(await transport.headers()).toEqual({ authorization: 'Bearer from-a-program' });
  });

  it('a certificate has no header, and a file without a cluster is named', async () => {
    expect(await (await transportWith({ 'client-certificate-data': Buffer.from('PEM').toString('base64'), 'client-key-data': Buffer.from('PEM').toString('base64') })).headers()).toEqual({});
    await writeFile(join(folder, 'empty'), '{}');
    await expect(kubeconfigTransport(join(folder, 'empty'))).rejects.toThrow('names no current cluster');
  });

  it('the service account of a pod', async () => {
    await writeFile(join(folder, 'token'), 'mounted');
    await writeFile(join(folder, 'ca.crt'), 'PEM');
    const transport = await serviceAccountTransport({ host: '10.96.0.1', port: 443, folder });
    expect([transport.origin, await transport.headers()]).toEqual(['https://10.96.0.1:443', { authorization: 'Bearer mounted' }]);
    expect((await serviceAccountTransport({ host: 'fd00::1', port: 443, folder })).origin).toBe('https://[fd00::1]:443');
  });
});
