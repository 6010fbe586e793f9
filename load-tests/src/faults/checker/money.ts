import { tariffs } from '../world/platform.ts';

const dayMs = 86_400_000;

/**
 * What a session must cost in whole rupiah: its fee, and energy by the tariff of its start, rounded half up. Reckoned from the run's own tariff table in
 * integers; shares nothing with the product's pricing. Null: no tariff was valid.
 * @param ageDays is reckoned from `nowMs`, as the tariffs were entered
 */
export function owedMinor(energyWh: number, startedAtMs: number, nowMs: number): number | null {
  const ageDays = (nowMs - startedAtMs) / dayMs;
  const tariff = tariffs.find(({ fromDaysAgo, untilDaysAgo }) => ageDays <= fromDaysAgo && (untilDaysAgo === null || ageDays > untilDaysAgo));
  if (tariff === undefined) return null;
  const thousandths = BigInt(energyWh) * BigInt(tariff.perKwh);
  return Number((thousandths * 2n + 1_000n) / 2_000n) + tariff.fee;
}
