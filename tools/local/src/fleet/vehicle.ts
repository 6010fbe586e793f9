import type { RandomPort, Vehicle } from '@csms/edge';

export interface BatterySpec {
  capacityWh: number;
  /** What the vehicle can take at most, in W. */
  powerMaxW: number;
  /** State of charge at plug-in and where the driver let it stop, 0 to 1. */
  socStart: number;
  socTarget: number;
}

const rampSeconds = 8;
const taperFrom = 0.8;

/**
 * The power that a battery takes: a ramp in the first seconds, then as much as both sides can, then less and less above
 * 80 % (constant voltage), down to 8 % of its maximum when full. Pure.
 * @returns W
 */
export function batteryPowerW(spec: BatterySpec, soc: number, secondsCharging: number, availableW: number): number {
  if (soc >= spec.socTarget || availableW <= 0) return 0;
  const ramp = Math.min(1, (secondsCharging + 1) / rampSeconds);
  const taper = soc <= taperFrom ? 1 : 1 - (0.92 * (soc - taperFrom)) / (1 - taperFrom);
  return Math.min(spec.powerMaxW * taper, availableW) * ramp;
}

/** A vehicle with a battery, as the simulated charger sees it. */
export function createBatteryVehicle(spec: BatterySpec): Vehicle & { socPercent(): number; isDone(): boolean } {
  let storedWh = spec.capacityWh * spec.socStart;
  let chargingMs = 0;
  let powerW = 0;
  const soc = () => storedWh / spec.capacityWh;
  return {
    advance(elapsedMs, availableW) {
      storedWh = Math.min(spec.capacityWh, storedWh + (powerW * elapsedMs) / 3_600_000);
      chargingMs = powerW > 0 ? chargingMs + elapsedMs : 0;
      powerW = batteryPowerW(spec, soc(), chargingMs / 1_000, availableW);
      return { powerW, socPercent: Math.floor(soc() * 100) };
    },
    socPercent: () => Math.floor(soc() * 100),
    isDone: () => soc() >= spec.socTarget,
  };
}

/**
 * A vehicle as it might drive up. `speed` shrinks the battery and nothing else: power stays what it is, so that a
 * session that takes hours takes minutes.
 */
export function drawBattery(random: RandomPort, isFastCharger: boolean, speed: number): BatterySpec {
  const capacityKwh = [38, 42, 50, 58, 64, 77][Math.floor(random() * 6)] ?? 50;
  const powerKw = isFastCharger ? 40 + random() * 60 : ([3.6, 7.2, 7.4, 11, 11, 22][Math.floor(random() * 6)] ?? 7.4);
  const socStart = 0.1 + random() * 0.5;
  return {
    capacityWh: (capacityKwh * 1_000) / speed,
    powerMaxW: powerKw * 1_000,
    socStart,
    socTarget: Math.min(1, Math.max(socStart + 0.1, 0.75 + random() * 0.27)),
  };
}
