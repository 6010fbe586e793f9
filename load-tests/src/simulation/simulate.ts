import { createRandom } from '@csms/edge';
import { check } from './check.ts';
import { openCommandDesk } from './commands.ts';
import { SimGateway } from './sim-gateway.ts';
import { SimStation } from './sim-station.ts';
import { VirtualTime } from './virtual-time.ts';
import { createWorld, type World } from './world.ts';

export interface Outcome { seed: number; wrong: string[]; sessions: number; crashes: number; commands: number; virtualMinutes: number }

const dayMs = 6 * 60_000;
const healMs = 15 * 60_000;

/**
 * One day in the life of a few stations, two gateways and two APIs, with everything that can go wrong by the dice of `seed`; then all is mended, the
 * stations tell what they still have to tell, and the invariants are judged. The same seed is the same day, to the message.
 */
export async function simulate(seed: number): Promise<Outcome> {
  const time = new VirtualTime(Date.parse('2026-11-24T00:00:00Z'));
  const world = createWorld(seed, createRandom(`simulation ${seed}`), time);
  time.install();
  try {
    return await liveThrough(world);
  } finally {
    time.uninstall();
  }
}

async function liveThrough(world: World): Promise<Outcome> {
  const { time, tables } = world;
  const startMs = time.nowMs;
  const desk = await openCommandDesk(world);
  const gateways: SimGateway[] = [];
  let crashes = 0;
  const open = (): void => {
    const gateway = new SimGateway(world, desk.ledger, (stationId) => desk.ledger.fence(stationId, tables.stations.get(stationId)?.onlineEpoch ?? 0n));
    gateways.push(gateway);
    void gateway.start();
  };
  open(); open();
  tables.tariffs.push({ id: 'tariff', siteId: null, currency: 'IDR', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: new Date(0), validUntil: null });
  const stations = Array.from({ length: 4 }, (_, n) => {
    const id = `S${n}`;
    tables.stations.set(id, { id, siteId: 'site', online: false, onlineEpoch: 0n, boot: null, lastSeenAt: null, status: null });
    tables.tokens.set(`card-${n}`, { tenantId: 'demo', id: `token-${n}`, uid: `CARD-${n}`, status: 'active', validUntil: null, parentUid: null });
    return new SimStation(world, { id, version: n === 3 ? 'ocpp2.0.1' : 'ocpp1.6', card: `CARD-${n}`, skewMs: world.chance(0.2) ? world.between(-24, 24) * 3_600_000 : 0 }, () => gateways);
  });

  let over = false;
  for (const station of stations) {
    if (world.chance(0.5)) station.backlog(world.between(1, 47));
    void station.live(() => over);
    void station.talk();
  }
  // A gateway that died is replaced; a line is cut; the bus or the books go and come back; commands are asked for.
  const nemesis = setInterval(() => {
    for (const [index, gateway] of gateways.entries()) if (gateway.dead) { crashes += 1; gateways.splice(index, 1); setTimeout(open, world.between(500, 8_000)); }
    if (over) return;
    for (const station of stations) if (world.chance(world.weather.cutAMinute / 60)) station.socket?.cut();
    if (world.chance(0.01)) { world.bus.setAway(true); setTimeout(() => world.bus.setAway(false), world.between(1_000, 30_000)); }
    if (world.chance(0.004)) world.bus.forgetAll();
    if (world.chance(0.01)) { world.booksAway = true; setTimeout(() => { world.booksAway = false; }, world.between(1_000, 45_000)); }
    if (world.chance(0.2)) void desk.ask(stations[world.between(0, stations.length - 1)]!);
  }, 1_000);
  const sweeping = setInterval(() => { void desk.sweep(); }, 2_000);

  await time.run(startMs + dayMs);
  over = true;
  Object.assign(world.weather, { crashAtAwait: 0, commitFails: 0, commitAnswerLost: 0 });
  await time.run(time.nowMs + 60_000);
  await time.run(startMs + dayMs + healMs, () => !world.booksAway && stations.every((station) => station.drained && station.socket !== null));
  // After a heal the owner is right within 30 s, and a command has an end a minute after its deadline.
  await time.run(time.nowMs + 180_000);
  const wrong = await check(world, stations, desk);
  clearInterval(nemesis);
  clearInterval(sweeping);
  return { seed: world.seed, wrong, sessions: tables.sessions.size, crashes, commands: desk.asked.length, virtualMinutes: Math.round((time.nowMs - startMs) / 60_000) };
}
