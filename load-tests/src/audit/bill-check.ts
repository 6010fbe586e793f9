import type { BookedTariff } from './books.ts';

/** The tariff of a session: its site's own before the tenant's, valid when the session began, the latest of those. */
export function tariffAt(tariffs: BookedTariff[], siteId: string, atMs: number): BookedTariff | undefined {
  const valid = tariffs.filter((tariff) => tariff.validFrom <= atMs && (tariff.validUntil === null || atMs < tariff.validUntil));
  const latest = (some: BookedTariff[]) => some.reduce<BookedTariff | undefined>((best, one) => (!best || one.validFrom > best.validFrom ? one : best), undefined);
  return latest(valid.filter((tariff) => tariff.siteId === siteId)) ?? latest(valid.filter((tariff) => tariff.siteId === null));
}

/**
 * What a session costs, in whole rupiah: each part rounded half up by itself, idle time by whole minutes beyond the grace.
 * @param energyWh whole watt-hours
 */
export function amountOf(tariff: BookedTariff, energyWh: number, idleSeconds: number): number {
  const energyPart = (BigInt(energyWh) * BigInt(tariff.energyPerKwhMinor) * 2n + 1_000n) / 2_000n;
  const idleMinutes = Math.floor(idleSeconds / 60) - tariff.idleGraceMinutes;
  const idlePart = idleMinutes > 0 ? BigInt(idleMinutes) * BigInt(tariff.idlePerMinuteMinor) : 0n;
  return Number(energyPart + idlePart + BigInt(tariff.sessionFeeMinor));
}
