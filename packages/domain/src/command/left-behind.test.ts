import { describe, expect, it } from 'vitest';
import { BusUnavailable } from './bus-unavailable.ts';
import { createLeftBehindSweep, type LeftBehindBooks } from './left-behind.ts';

const second = (count: number): Date => new Date(Date.UTC(2026, 4, 1) + count * 1_000);

function aWorld() {
  const world = {
    sent: [{ id: 'c1', gateway: 'dead' }, { id: 'c2', gateway: 'alive' }], online: [{ stationId: 'gone', epoch: 4n }, { stationId: 'here', epoch: 5n }],
    owned: new Set(['here']), alive: new Set(['alive']), healthy: true, fails: false,
    unknown: [] as string[], offline: [] as string[],
  };
  const books: LeftBehindBooks = {
    tenants: async () => ['demo'],
    tidy: async () => ({ sent: world.sent, online: world.online }),
    markUnknown: async (_tenant, ids) => void world.unknown.push(...ids),
    markOffline: async (_tenant, stations) => void world.offline.push(...stations.map((station) => station.stationId)),
  };
  const bus = {
    healthy: () => world.healthy,
    leasesAlive: async (names: readonly string[]) => {
      if (world.fails) throw new BusUnavailable('leasesAlive');
      return new Set(names.filter((name) => world.alive.has(name)));
    },
    ownersOf: async (_tenant: string, ids: readonly string[]) => new Map(ids.filter((id) => world.owned.has(id)).map((id) => [id, { gateway: 'alive', socketId: 's', epoch: 5n }])),
  };
  return Object.assign(world, createLeftBehindSweep({ books, bus }));
}

describe('what dead processes left behind', () => {
  it('I-5 is ended once its process is missing for two renewals, and what lives is left alone', async () => {
    const world = aWorld();
    await world.sweep(second(0));
    await world.sweep(second(5));
    expect([world.unknown, world.offline]).toEqual([[], []]);
    await world.sweep(second(10));
    expect([world.unknown, world.offline]).toEqual([['c1'], ['gone']]);
  });

  it('a lease that the bus forgot and that came back in time ends nothing', async () => {
    const world = aWorld();
    world.alive.clear();
    world.owned.clear();
    await world.sweep(second(0));
    world.alive = new Set(['alive', 'dead']);
    world.owned = new Set(['here', 'gone']);
    await world.sweep(second(5));
    world.alive.clear();
    world.owned.clear();
    await world.sweep(second(12));
    expect([world.unknown, world.offline]).toEqual([[], []]);
  });

  it('a tenant whose rows cannot be tidied keeps no other from it, and is told of', async () => {
    const tidied: string[] = [];
    const sweep = createLeftBehindSweep({
      books: { tenants: async () => ['bad', 'good'], tidy: async (tenant) => { if (tenant === 'bad') throw new Error('a row of bad'); tidied.push(tenant); return { sent: [], online: [] }; }, markUnknown: async () => undefined, markOffline: async () => undefined },
      bus: { healthy: () => true, leasesAlive: async () => new Set<string>(), ownersOf: async () => new Map() },
    });
    await expect(sweep.sweep(second(0))).rejects.toThrow('a row of bad');
    expect(tidied).toEqual(['good']);
  });

  it('while the bus is away nobody is declared dead, and the count begins anew', async () => {
    const world = aWorld();
    await world.sweep(second(0));
    world.healthy = false;
    await world.sweep(second(20));
    world.healthy = true;
    world.fails = true;
    await world.sweep(second(25));
    world.fails = false;
    await world.sweep(second(30));
    expect([world.unknown, world.offline]).toEqual([[], []]);
    await world.sweep(second(40));
    expect(world.unknown).toEqual(['c1']);
  });
});
