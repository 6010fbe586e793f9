import { Fleet } from '../chargers/fleet.ts';
import { pause, type ChargerTiming } from '../chargers/charger.ts';
import type { Run } from '../fault.ts';
import type { Random } from '../random.ts';
import { eventually } from '../world/child.ts';
import { anyGateway, type Platform } from '../world/platform.ts';

/** So many stations, chosen by chance, are sent a command at the end. */
const reachedMax = 40;

export interface Load {
  fleet: Fleet;
  /** Waits until so many more messages were acknowledged: the load goes on. */
  goesOn(messages: number, limitMs?: number): Promise<void>;
  /** Ends the sessions and the commands, and sees that each station's commands reach it. */
  finish(): Promise<void>;
}

/** The chargers of a platform at work, with commands among their messages. */
export async function startLoad(run: Run, platform: Platform, options: { timing?: Partial<ChargerTiming>; leavesSockets?: boolean; pauseMs?: number; commands?: boolean; count?: number; endpoint?: (random: Random) => string | null; trusts?: string[] } = {}): Promise<Load> {
  const stations = platform.stations.slice(0, options.count ?? platform.stations.length);
  const fleet = new Fleet({
    stations, endpoint: options.endpoint ?? anyGateway(platform), random: run.random.fork('fleet'), timing: options.timing ?? {}, leavesSockets: options.leavesSockets ?? false, trusts: options.trusts, pauseMs: options.pauseMs ?? 100,
  });
  run.watch(fleet.truths);
  run.afterwards(() => fleet.close());
  await fleet.connect();
  fleet.run();
  let asking = options.commands !== false;
  run.afterwards(() => { asking = false; });
  const commands = askNowAndThen();

  async function askNowAndThen(): Promise<void> {
    const random = run.random.fork('commands');
    const asked: Promise<unknown>[] = [];
    while (asking) {
      const station = random.pick(stations);
      asked.push(platform.asker.send(station.id, random.pick([{ action: 'clear-cache' }, { action: 'unlock', evseId: 1, connectorId: 1 }] as const)));
      await pause(random.between(50, 250));
    }
    await Promise.all(asked);
  }

  return {
    fleet,
    goesOn: async (messages, limitMs = 60_000) => {
      const wanted = fleet.acknowledged + messages;
      await eventually(`${messages} more messages acknowledged`, () => fleet.acknowledged >= wanted, limitMs);
    },
    finish: async () => {
      asking = false;
      await fleet.finish();
      await commands;
      await eventually('every charger is connected', () => fleet.allConnected, 60_000);
      const healedMs = performance.now();
      await Promise.all(run.random.shuffled(stations).slice(0, reachedMax).map((station) => eventually(`a command reaches ${station.identity}`, async () => (await platform.asker.send(station.id, { action: 'clear-cache' }, 2_000))?.state === 'accepted', 30_000)));
      run.note(`${fleet.truths.reduce((sum, truth) => sum + truth.transactions.length, 0)} transactions, ${fleet.acknowledged} messages acknowledged, ${fleet.truths.reduce((sum, truth) => sum + truth.cuts, 0)} cuts, ${fleet.truths.reduce((sum, truth) => sum + truth.calls.length, 0)} commands; all reached again in ${Math.round(performance.now() - healedMs)} ms`);
    },
  };
}
