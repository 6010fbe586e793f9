/** Three points of a distribution, in the unit of what they describe; ordered, p10 <= p50 <= p90. */
export interface Quantiles {
  p10: number;
  p50: number;
  p90: number;
}

/** The quantile of sorted values, between neighbours by straight line (type 7 of Hyndman and Fan 1996). NaN of nothing. */
export function quantileOf(sorted: ArrayLike<number>, share: number): number {
  const n = sorted.length;
  if (n === 0) return Number.NaN;
  const at = (n - 1) * share;
  const low = Math.floor(at);
  const below = sorted[low]!;
  const above = sorted[Math.min(low + 1, n - 1)]!;
  return below + (at - low) * (above - below);
}

/** 10/50/90 % of a sample as it is: what the profile says of an hour from the same hours before. */
export function empirical(values: Float64Array): Quantiles {
  const sorted = values.slice().sort();
  return { p10: quantileOf(sorted, 0.1), p50: quantileOf(sorted, 0.5), p90: quantileOf(sorted, 0.9) };
}

/**
 * 10/50/90 % of forecast errors (came minus forecast), with the ranks of split conformal prediction: of n errors the outer ones are
 * the floor(0.1 (n+1))-th and the ceil(0.9 (n+1))-th, so that a new error falls between them at least 80 % of the time if errors are alike.
 */
export function conformal(errors: Float64Array): Quantiles {
  const n = errors.length;
  if (n === 0) return { p10: Number.NaN, p50: Number.NaN, p90: Number.NaN };
  const sorted = errors.slice().sort();
  const rank = (wanted: number): number => sorted[Math.min(n, Math.max(1, wanted)) - 1]!;
  return { p10: rank(Math.floor(0.1 * (n + 1))), p50: quantileOf(sorted, 0.5), p90: rank(Math.ceil(0.9 * (n + 1))) };
}
