/**
 * Energy of a session from its import register, in Wh (G-19). A register that went backwards (a meter reset) gives 0 and `negative: true`,
 * which the session carries as the flag `negative-energy`: never a negative number, never a silent zero.
 */
export function energyBetween(startWh: number, stopWh: number): { energyWh: number; negative: boolean } {
  const differenceWh = Math.round((stopWh - startWh) * 1000) / 1000;
  return differenceWh < 0 ? { energyWh: 0, negative: true } : { energyWh: differenceWh + 0, negative: false };
}
