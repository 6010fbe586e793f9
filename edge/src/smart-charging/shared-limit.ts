/**
 * Shares what the station may draw among the connectors that charge: nobody gets more than its own limit, what one
 * cannot use goes to the others, and the sum never passes the whole.
 * @param limitsW the connectors' own limits, in W
 * @returns one share a connector, in the same order, in W
 */
export function shareLimit(limitsW: readonly number[], wholeW: number): number[] {
  const shares = limitsW.map(() => 0);
  let left = wholeW;
  const order = limitsW.map((limitW, index) => ({ limitW, index })).sort((a, b) => a.limitW - b.limitW);
  order.forEach(({ limitW, index }, position) => {
    const share = Math.min(limitW, left / (order.length - position));
    shares[index] = share;
    left -= share;
  });
  return shares;
}
