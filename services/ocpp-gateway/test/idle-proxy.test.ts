import { connect, createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aRawStation } from '../src/testing/raw-station.ts';
import { openPlatform, type Platform } from './gateway-process.ts';

/** A proxy that cuts what says nothing for so long, in whichever direction, as ingress controllers do after a minute; it counts what it cut and what passed. */
class ImpatientProxy {
  readonly #server: Server;
  cuts = 0;
  /** How often something was said into a stillness of a quarter of that time. */
  livened = 0;

  constructor(toPort: number, idleMs: number) {
    this.#server = createServer((near) => {
      const far = connect(toPort, '127.0.0.1');
      const ends: [Socket, Socket][] = [[near, far], [far, near]];
      let heardMs = Date.now();
      let timer = setTimeout(() => {}, 0);
      const watch = (): void => {
        clearTimeout(timer);
        timer = setTimeout(() => { this.cuts += 1; near.destroy(); far.destroy(); }, idleMs);
      };
      watch();
      for (const [from, to] of ends) {
        from.on('data', (data) => {
          if (Date.now() - heardMs > idleMs / 4) this.livened += 1;
          heardMs = Date.now();
          watch();
          to.write(data);
        });
        from.on('error', () => to.destroy()).on('close', () => { clearTimeout(timer); to.destroy(); });
      }
    });
  }

  async listen(): Promise<number> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return (this.#server.address() as AddressInfo).port;
  }

  close(): void { this.#server.close(); }
}

let platform: Platform;
beforeAll(async () => { platform = await openPlatform(); });
afterAll(() => platform?.close());

// A twentieth of the time: pings every 1.5 s stand for 30 s (the default), 3 s of stillness for a minute; a heartbeat does not come at all.
const [pingSeconds, idleMs] = [1.5, 3_000];

it('O-54 a station that says nothing lives behind a proxy that cuts after twice the time between pings', async () => {
  const password = (await platform.register('STILL')).get('STILL') ?? '';
  const gateway = await platform.startGateway({ CSMS_OCPP_PING_SECONDS: String(pingSeconds) });
  const proxy = new ImpatientProxy(gateway.port, idleMs);
  try {
    const station = await aRawStation({ port: await proxy.listen(), identity: 'STILL', password });
    // Pings went through a still line until it would have been cut twice.
    await expect.poll(() => proxy.livened, { timeout: 60_000 }).toBeGreaterThanOrEqual(2 * (idleMs / 1000 / pingSeconds) + 1);
    expect([station.closed, proxy.cuts]).toEqual([[], 0]);
    station.send([2, 'still-here', 'Heartbeat', {}]);
    expect((await station.answer('still-here'))[0]).toBe(3);
  } finally {
    proxy.close();
  }
});
