import { pause } from '../chargers/charger.ts';
import type { Fault, Run } from '../fault.ts';
import { eventually, residentBytes } from '../world/child.ts';
import { startApi } from '../world/api.ts';
import { pepper } from '../world/platform.ts';
import { needsToxiproxy, startToxiproxy, type Toxiproxy } from '../world/toxiproxy.ts';
import { startLoad } from './load.ts';
import { aProbe } from './probe.ts';

async function proxies(run: Run): Promise<Toxiproxy> {
  const toxiproxy = await startToxiproxy();
  run.afterwards(() => toxiproxy.close());
  return toxiproxy;
}

/** F11: every packet to PostgreSQL takes 2 s. */
export const databaseSlow: Fault = {
  id: 'F11', title: 'PostgreSQL is slow: 2 s more for every exchange', beyondShort: true, needs: needsToxiproxy,
  async run(run) {
    const toxiproxy = await proxies(run);
    let way: Awaited<ReturnType<Toxiproxy['open']>> | null = null;
    const platform = await run.open({
      stations: 13, gateways: 1, bus: 'postgres',
      databaseUrlFor: async (url) => {
        const through = new URL(url);
        way ??= await toxiproxy.open('database', Number(through.port));
        through.port = String(way.port);
        return through.href;
      },
    });
    const load = await startLoad(run, platform, { count: 12, timing: { callTimeoutMs: 60_000 }, commands: false });
    const probe = await aProbe(run, platform, 12);
    const throughUrl = new URL(platform.database.appUrl);
    throughUrl.port = String(way!.port);
    const api = await startApi({ DATABASE_URL: throughUrl.href, BUS_DATABASE_URL: platform.database.busUrl, CSMS_CREDENTIAL_PEPPER: pepper });
    run.afterwards(() => api.close());
    run.expect((await api.get('/sessions')).status === 200, 'the API does not answer while everything is well');
    await load.goesOn(40);
    const beforeBytes = residentBytes(platform.gateways[0]!.pid);
    const heal = await way!.poison('upstream', { type: 'latency', attributes: { latency: 2_000 } });
    await pause(200);
    const acknowledged = load.fleet.acknowledged;
    const beats: number[] = [];
    const asked = Promise.all(Array.from({ length: 40 }, () => api.get('/sessions')));
    for (let beat = 0; beat < (run.short ? 12 : 120); beat += 1) {
      const beganMs = performance.now();
      const end = await probe.call('Heartbeat', {});
      run.expect(end.kind === 'result', 'a heartbeat was not answered');
      beats.push(performance.now() - beganMs);
      await pause(500);
    }
    const slowestMs = Math.max(...beats);
    const grownMiB = (residentBytes(platform.gateways[0]!.pid) - beforeBytes) / 2 ** 20;
    run.expect(slowestMs < 2_000, `a heartbeat took ${slowestMs.toFixed(0)} ms: it waited for the database`);
    run.expect(grownMiB < 100, `the gateway grew by ${grownMiB.toFixed(0)} MiB`);
    const meanwhile = load.fleet.acknowledged - acknowledged;
    // A commit is a handful of exchanges: a message of each charger is in work, and no second one comes through in ten seconds.
    if (run.short) run.expect(meanwhile <= load.fleet.chargers.length, `${meanwhile} messages were acknowledged although every exchange took 2 s`);
    const answers = await asked;
    const statuses = [...new Set(answers.map(({ status }) => status))].sort((a, b) => a - b);
    run.expect(statuses.every((status) => [200, 429, 503].includes(status)), `the API answered ${statuses.join(', ')} (0: not in 20 s)`);
    await heal();
    await eventually('the API answers again', async () => (await api.get('/sessions')).status === 200);
    run.note(`40 requests at once to the API: ${statuses.map((status) => `${answers.filter((answer) => answer.status === status).length} times ${status}`).join(', ')}, the last after ${Math.round(Math.max(...answers.map(({ tookMs }) => tookMs)))} ms`);
    await load.goesOn(60);
    await load.finish();
    run.expect(load.fleet.truths.every(({ cuts }) => cuts === 0), 'a socket was dropped');
    run.note(`${meanwhile} messages acknowledged in ${Math.round(beats.length / 2)} s of slowness, slowest heartbeat ${slowestMs.toFixed(0)} ms meanwhile; memory grew by ${grownMiB.toFixed(1)} MiB; ${load.fleet.truths.reduce((sum, { refusals }) => sum + refusals.length, 0)} calls refused and sent again`);
  },
};

/** The chargers' own network: frames in slices, late, slow, and sockets that are reset, in turn. Not a number of the matrix; what modems do all day. */
export const modems: Fault = {
  id: 'NET', title: 'chargers behind bad modems: slices, latency, little bandwidth, resets', beyondShort: true, needs: needsToxiproxy,
  async run(run) {
    const toxiproxy = await proxies(run);
    const platform = await run.open({ stations: 12, gateways: 2, bus: 'postgres' });
    const ways = await Promise.all(platform.gateways.map(({ port }, n) => toxiproxy.open(`modem-${n}`, port)));
    const load = await startLoad(run, platform, { endpoint: (random) => `ws://127.0.0.1:${random.pick(ways).port}`, timing: { callTimeoutMs: 8_000 } });
    const [one, other] = [ways[0]!, ways[1]!];
    const rounds: (() => Promise<() => Promise<void>>)[] = [
      () => one.poison('upstream', { type: 'slicer', attributes: { average_size: 20, size_variation: 10, delay: 2_000 } }),
      () => other.poison('downstream', { type: 'latency', attributes: { latency: 400, jitter: 300 } }),
      () => one.poison('downstream', { type: 'bandwidth', attributes: { rate: 1 } }),
      async () => { const heal = await other.poison('downstream', { type: 'reset_peer', attributes: { timeout: 100 } }); await pause(600); return heal; },
      async () => { await one.setUp(false); await pause(300); return () => one.setUp(true); },
      () => other.poison('upstream', { type: 'timeout', attributes: { timeout: 0 } }),
    ];
    for (const round of run.random.shuffled(run.short ? rounds : [...rounds, ...rounds, ...rounds])) {
      const heal = await round();
      await load.goesOn(30);
      await heal();
    }
    await load.finish();
  },
};

/** F19: a charger that writes and does not read: its TCP window closes, and what waits for it in the gateway stays within bounds. */
export const slowReader: Fault = {
  id: 'F19', title: 'a charger that does not read',
  async run(run) {
    const platform = await run.open({ stations: 7, gateways: 1, bus: 'postgres', env: { CSMS_STATION_MESSAGES_PER_SECOND: '1000000' } });
    const load = await startLoad(run, platform, { count: 6 });
    const reader = await aProbe(run, platform, 6);
    await load.goesOn(20);
    const gateway = platform.gateways[0]!;
    const beforeBytes = residentBytes(gateway.pid);
    const sockets = reader.sockets;
    reader.stall(true);
    let sent = 0;
    let largestBytes = beforeBytes;
    await eventually('the gateway ends the socket that is not read', async () => {
      for (let n = 0; n < 500; n += 1) reader.writeRaw(`[2,"${'x'.repeat(24)}${(sent += 1)}","Heartbeat",{}]`);
      largestBytes = Math.max(largestBytes, residentBytes(gateway.pid));
      return await gateway.metric('csms_gateway_closes_total', 'stuck-writer') > 0;
    }, 60_000);
    reader.cut();
    await eventually('the charger is back', () => reader.connected && reader.sockets > sockets);
    const grownMiB = (largestBytes - beforeBytes) / 2 ** 20;
    run.expect(grownMiB < 128, `the gateway grew by ${grownMiB.toFixed(0)} MiB`);
    await load.goesOn(30);
    await load.finish();
    run.expect(load.fleet.truths.every(({ cuts }) => cuts === 0), 'another charger lost its socket');
    run.note(`closed after ${sent} unread answers; memory grew by ${grownMiB.toFixed(1)} MiB`);
  },
};
