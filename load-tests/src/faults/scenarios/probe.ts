import { Charger, type ChargerTiming } from '../chargers/charger.ts';
import { sendBoot } from '../chargers/charging.ts';
import type { Run } from '../fault.ts';
import { anyGateway, type Platform } from '../world/platform.ts';

/** A charger of its own beside the load: the station with that number, connected and booted. */
export async function aProbe(run: Run, platform: Platform, n: number, given: { timing?: Partial<ChargerTiming>; now?: () => Date; endpoint?: () => string; trusts?: string[] } = {}): Promise<Charger> {
  const { identity, password } = platform.stations[n]!;
  const charger = new Charger({ identity, password, endpoint: given.endpoint ?? anyGateway(platform), random: run.random.fork(identity), trusts: given.trusts, timing: { callTimeoutMs: 40_000, ...given.timing }, ...(given.now ? { now: given.now } : {}) });
  run.watch([charger.truth]);
  run.afterwards(() => charger.close());
  await charger.connect();
  await sendBoot(charger);
  return charger;
}

/** What Authorize says of a card; null: nothing, or an error. */
export async function cardStatus(charger: Charger, idTag: string): Promise<string | null> {
  const end = await charger.call('Authorize', { idTag });
  if (end.kind !== 'result') return null;
  const info = end.payload['idTagInfo'] as { status?: string } | undefined;
  return info?.status ?? null;
}
