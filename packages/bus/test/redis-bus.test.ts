import { spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { Redis } from 'ioredis';
import { describe, expect, it } from 'vitest';
import { openBus } from '../src/index.ts';
import { busContract } from '../src/testing/bus-contract.ts';
import { openCuttableLink } from '../src/testing/cuttable-link.ts';
import { until } from '../src/testing/until.ts';

const quiet = { info: () => undefined, warn: () => undefined };
const given = process.env['REDIS_URL'];
const binary = given ? null : findOnPath(['valkey-server', 'redis-server']);

if (given || binary) {
  busContract(given ? 'the Redis of REDIS_URL' : 'Redis', async () => {
    const server = given ? { url: given, stop: async () => undefined } : await startServer(binary!);
    const url = new URL(server.url);
    const link = await openCuttableLink({ host: url.hostname, port: Number(url.port || 6379) });
    url.hostname = '127.0.0.1';
    url.port = String(link.port);
    const direct = new Redis(server.url, { protocol: 2 });
    return {
      open: (timing) => openBus({ redisUrl: url.href, log: quiet, timing }),
      // Only the database that the address names, in case the server is somebody's.
      forgetAll: async () => void await direct.flushdb(),
      cut: link.cut, freeze: link.freeze, mend: link.mend,
      async close() {
        direct.disconnect();
        await link.close();
        await server.stop();
      },
    };
  });
} else {
  // One line, and nothing that counts as passed or as skipped: the suite simply did not run.
  console.log('not run: no redis-server on PATH');
}

describe('the Redis adapter without a Redis', () => {
  it('opens, says that it is away, and rejects at once', async () => {
    const bus = await openBus({ redisUrl: 'redis://127.0.0.1:9', log: quiet });
    expect(bus.healthy()).toBe(false);
    await expect(bus.ownerOf('demo', 'station')).rejects.toThrow('the bus could not');
    await bus.close();
  });
});

function findOnPath(names: string[]): string | null {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    for (const name of names) {
      try {
        accessSync(join(folder, name), constants.X_OK);
        return join(folder, name);
      } catch {
        // Not here.
      }
    }
  }
  return null;
}

async function startServer(path: string): Promise<{ url: string; stop(): Promise<undefined> }> {
  const probe = createServer();
  await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
  const { port } = probe.address() as AddressInfo;
  await new Promise((resolve) => probe.close(resolve));
  const server = spawn(path, ['--port', String(port), '--bind', '127.0.0.1', '--save', '', '--appendonly', 'no', '--dir', tmpdir()], { stdio: 'ignore' });
  const ended = new Promise((resolve) => server.once('exit', resolve));
  const url = `redis://127.0.0.1:${port}`;
  await until('the server', async () => {
    const client = new Redis(url, { lazyConnect: true, retryStrategy: () => null, protocol: 2 });
    client.on('error', () => undefined);
    try {
      await client.connect();
      return true;
    } catch {
      return false;
    } finally {
      client.disconnect();
    }
  });
  return { url, stop: async () => { server.kill(); await ended; return undefined; } };
}
