import { Charger, pause } from '../chargers/charger.ts';
import type { Fault } from '../fault.ts';
import { eventually } from '../world/child.ts';
import { anyGateway } from '../world/platform.ts';
import { startLoad } from './load.ts';
import { aProbe } from './probe.ts';

/** F18: one station that floods, and then one that comes and goes all the time. Limits as in production, a shorter patience. */
export const madStation: Fault = {
  id: 'F18', title: 'one mad station: a flood of messages, then of connections',
  async run(run) {
    const overloadSeconds = run.short ? 3 : 60;
    const platform = await run.open({ stations: 10, gateways: 1, bus: 'postgres', env: { CSMS_STATION_MESSAGES_PER_SECOND: '10', CSMS_STATION_OVERLOAD_SECONDS: String(overloadSeconds), CSMS_STATION_CONNECTIONS_PER_HOUR: '60' } });
    const gateway = platform.gateways[0]!;
    const load = await startLoad(run, platform, { count: 8, pauseMs: 300 });
    const neighbour = await aProbe(run, platform, 8);
    await load.goesOn(20);
    // Not watched: what it says of itself is worth nothing, and it ends outside.
    const { identity, password } = platform.stations[9]!;
    const mad = new Charger({ identity, password, endpoint: anyGateway(platform), random: run.random.fork('mad'), timing: { reconnectMs: 20, callTimeoutMs: 2_000 } });
    run.afterwards(() => mad.close());
    await mad.connect();
    const beats: number[] = [];
    let flooding = true;
    const flood = (async () => {
      for (let n = 0; flooding; await pause(20)) for (let frame = 0; frame < 20; frame += 1) mad.writeRaw(`[2,"${(n += 1)}","Heartbeat",{}]`);
    })();
    run.afterwards(() => { flooding = false; });
    await eventually('the flood is ended', async () => {
      const beganMs = performance.now();
      run.expect((await neighbour.call('Heartbeat', {})).kind === 'result', 'a neighbour was not answered');
      beats.push(performance.now() - beganMs);
      return await gateway.metric('csms_gateway_closes_total', 'too-many-messages') > 0;
    }, 40_000 + overloadSeconds * 1_000);
    flooding = false;
    await flood;
    const held = await gateway.metric('csms_ocpp_rate_limited_total');
    run.expect(held > 0, 'no limit counted what it held back');

    await eventually('its connections are limited', async () => {
      const sockets = mad.sockets;
      mad.cut();
      await eventually('it is back, or held off', () => mad.sockets > sockets, 2_000).catch(() => undefined);
      return await gateway.metric('csms_gateway_handshakes_total', 'limited') > 0;
    }, 60_000);
    mad.close();
    beats.sort((a, b) => a - b);
    run.note(`held back ${held} times, closed, then held off after ${mad.sockets} connections; a neighbour's heartbeat meanwhile: median ${beats[beats.length >> 1]?.toFixed(0)} ms, slowest ${beats.at(-1)?.toFixed(0)} ms`);
    await load.goesOn(30);
    await load.finish();
    run.expect(load.fleet.truths.every(({ cuts, refusals }) => cuts === 0 && refusals.length === 0) && neighbour.truth.cuts === 0, 'a neighbour lost its socket or was refused');
  },
};
