import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { until } from '@csms/kube/testing/until';
import { z } from 'zod';
import { addresses } from '../../../src/place.ts';
import { rootDir } from '../../test-cluster.ts';

const Secrets = z.object({ clientSecrets: z.record(z.string(), z.string()) });

/** An OIDC issuer that pods reach at the node's address: that of `npm start`, as somebody else's identity is to the chart. */
export interface Issuer {
  url: string;
  secretOf(clientId: string): string;
  close(): Promise<void>;
}

export async function startIssuer(): Promise<Issuer> {
  const folder = await mkdtemp(join(tmpdir(), 'csms-issuer-'));
  // It listens on the loopback address alone; pods come in by this door.
  let inner = 0;
  const door = createServer((near) => {
    const onward = connect(inner, '127.0.0.1');
    near.on('error', () => onward.destroy()).on('close', () => onward.destroy());
    onward.on('error', () => near.destroy()).on('close', () => near.destroy());
    near.pipe(onward).pipe(near);
  });
  await new Promise<void>((resolve, reject) => { door.once('error', reject); door.listen(0, addresses.node, resolve); });
  const { port } = door.address() as AddressInfo;
  inner = port === 65_535 ? port - 1 : port + 1;
  const url = `http://${addresses.node}:${port}`;
  const child = spawn(process.execPath, [join(rootDir, 'tools/local/src/identity/main.ts')], {
    cwd: rootDir, stdio: ['ignore', 'ignore', 'inherit'], env: { PATH: process.env['PATH'], CSMS_IDENTITY_PORT: String(inner), OIDC_ISSUER: url, CSMS_DATA_DIR: folder, LOG_LEVEL: 'warn' },
  });
  const exited = new Promise<void>((resolve) => child.once('exit', () => resolve()));
  await until('the issuer answers', async () => (await fetch(`${url}/.well-known/openid-configuration`).catch(() => undefined))?.ok === true, 60_000);
  const { clientSecrets } = Secrets.parse(JSON.parse(await readFile(join(folder, 'identity/secrets.json'), 'utf8')));
  return {
    url,
    secretOf: (clientId) => {
      const secret = clientSecrets[clientId];
      if (secret === undefined) throw new Error(`the issuer knows no client ${clientId}`);
      return secret;
    },
    close: async () => {
      child.kill('SIGTERM');
      await exited;
      door.close();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
