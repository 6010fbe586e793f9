import type { BillLine, Price, Tariff } from './tariff.ts';

/**
 * The bill's calculation: a line for energy, one for idle time beyond the grace (whole minutes), one for the session. Each line is
 * half-up(quantity x unit price) in exact integer arithmetic (mWh), the total is the sum of the lines (DESIGN: Session).
 * `energyWh` and `idleSeconds` must not be negative; throws RangeError otherwise, and where an amount is no safe integer: neither must ever reach a bill.
 */
export function priceSession(input: { energyWh: number; idleSeconds: number; tariff: Omit<Tariff, 'id'> }): Price {
  const { energyWh, idleSeconds, tariff } = input;
  if (!(energyWh >= 0) || !(idleSeconds >= 0)) throw new RangeError(`energy ${energyWh} Wh and idle ${idleSeconds} s must not be negative`);
  const milliWh = BigInt(Math.round(energyWh * 1000));
  const lines: BillLine[] = [{
    kind: 'energy', quantity: Number(milliWh) / 1e6, unit: 'kWh', unitPriceMinor: tariff.energyPerKwhMinor,
    amountMinor: halfUp(milliWh * BigInt(tariff.energyPerKwhMinor), 1_000_000n),
  }];
  const idleMinutes = Math.max(0, Math.floor(idleSeconds / 60) - tariff.idleGraceMinutes);
  if (idleMinutes > 0 && tariff.idlePerMinuteMinor > 0) {
    lines.push({ kind: 'idle', quantity: idleMinutes, unit: 'min', unitPriceMinor: tariff.idlePerMinuteMinor, amountMinor: Number(BigInt(idleMinutes) * BigInt(tariff.idlePerMinuteMinor)) });
  }
  if (tariff.sessionFeeMinor > 0) {
    lines.push({ kind: 'session-fee', quantity: 1, unit: 'session', unitPriceMinor: tariff.sessionFeeMinor, amountMinor: tariff.sessionFeeMinor });
  }
  const totalMinor = lines.reduce((sum, line) => sum + line.amountMinor, 0);
  if (![totalMinor, ...lines.map((line) => line.amountMinor)].every(Number.isSafeInteger)) throw new RangeError(`${energyWh} Wh and ${idleSeconds} s make an amount that cannot be counted exactly`);
  return { currency: tariff.currency, energyWh: Number(milliWh) / 1000, lines, totalMinor };
}

/** numerator / denominator, both not negative, rounded half up. */
function halfUp(numerator: bigint, denominator: bigint): number {
  return Number((2n * numerator + denominator) / (2n * denominator));
}
