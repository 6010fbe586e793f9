import type { RunTariff } from '../world/platform.ts';

/**
 * What a session must cost in whole rupiah: its fee, and energy by the tariff of its start, rounded half up. Reckoned from the run's own tariff table in
 * integers; shares nothing with the product's pricing. Null: no tariff was valid.
 */
export function owedMinor(tariffs: RunTariff[], energyWh: number, startedAtMs: number): number | null {
  const tariff = tariffs.find(({ fromMs, untilMs }) => startedAtMs >= fromMs && (untilMs === null || startedAtMs < untilMs));
  if (tariff === undefined) return null;
  const thousandths = BigInt(energyWh) * BigInt(tariff.perKwh);
  return Number((thousandths * 2n + 1_000n) / 2_000n) + tariff.fee;
}
