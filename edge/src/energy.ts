/** The state of one import register: energy so far and the moment up to which it was counted. */
export interface EnergyRegister {
  /** Energy imported since the charger was built, in Wh, with fractions. */
  registerWh: number;
  /** Monotonic time of the last reading, or null when nothing was read since the start. */
  readAtMs: number | null;
}

/**
 * Adds the energy that flowed since the last reading: power times time. The register only rises: negative power and
 * a time that did not advance add nothing.
 * @param powerW mean power since the last reading, in W
 * @param atMs monotonic milliseconds
 */
export function integrate(register: EnergyRegister, powerW: number, atMs: number): EnergyRegister {
  if (register.readAtMs === null) return { registerWh: register.registerWh, readAtMs: atMs };
  const elapsedMs = atMs - register.readAtMs;
  if (elapsedMs <= 0) return register;
  return { registerWh: register.registerWh + (Math.max(0, powerW) * elapsedMs) / 3_600_000, readAtMs: atMs };
}

/**
 * Takes over a hardware register. One that went backwards (a replaced meter, a reset at boot) is not believed: ours
 * stays where it is until the hardware passes it again.
 */
export function adoptRegister(register: EnergyRegister, hardwareWh: number, atMs: number): EnergyRegister {
  return { registerWh: Math.max(register.registerWh, hardwareWh), readAtMs: atMs };
}
