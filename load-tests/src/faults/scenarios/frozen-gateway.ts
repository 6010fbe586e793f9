import { pause } from '../chargers/charger.ts';
import type { Fault } from '../fault.ts';
import { eventually } from '../world/child.ts';
import { startLoad } from './load.ts';

/** F4: a gateway stands still while its chargers and their ownership move on, and then wakes up with commands in its inbox: a zombie owner. */
export const gatewayFrozen: Fault = {
  id: 'F4', title: 'a gateway is frozen and thawed: a zombie owner',
  async run(run) {
    const platform = await run.open({ stations: 16, gateways: 2, bus: 'postgres' });
    const load = await startLoad(run, platform, { timing: { callTimeoutMs: 1_500 }, leavesSockets: true });
    await load.goesOn(60);
    const victim = run.random.pick(platform.gateways);
    const held = platform.stations.filter((_station, n) => load.fleet.chargers[n]!.at?.includes(`:${victim.port}/`));
    await eventually('the bus knows the owners', async () => (await Promise.all(held.map(({ id }) => platform.asker.ownerOf(id)))).every((owner) => owner === victim.name));
    victim.signal('SIGSTOP');
    run.afterwards(() => victim.signal('SIGCONT'));
    // These go into the inbox of the frozen process, and may still be written when it wakes up.
    const asked = held.map((station) => platform.asker.send(station.id, { action: 'unlock', evseId: 1, connectorId: 1 }, 60_000));
    await eventually('the chargers have gone to the other gateway', () => load.fleet.chargers.every((charger) => charger.connected && !charger.at!.includes(`:${victim.port}/`)), 60_000);
    if (!run.short) await pause(30_000);
    const frames = load.fleet.truths.reduce((sum, truth) => sum + truth.calls.length, 0);
    victim.signal('SIGCONT');
    await load.goesOn(80);
    const ended = await Promise.all(asked);
    await load.finish();
    const zombies = load.fleet.truths.flatMap(({ identity, calls }) => calls.filter(({ socket, newestSocket }) => socket < newestSocket).map(({ action }) => `${identity} ${action}`));
    run.expect(zombies.length === 0, `commands came through sockets of the zombie: ${zombies.join(', ')}`);
    run.note(`${held.length} stations held by the frozen gateway; ${frames} frames before it woke up; the commands in its inbox ended ${ended.map((record) => record?.state).join(' ')}`);
  },
};
