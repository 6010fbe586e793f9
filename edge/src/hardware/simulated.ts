import type { ClockPort, FaultCode, HardwareEvent, HardwarePorts, MeterReading } from '../ports.ts';

/** A vehicle as the charger's plug sees it. */
export interface Vehicle {
  /**
   * Lets time pass for the vehicle.
   * @param elapsedMs since the last call
   * @param availableW what the charger offers; 0 when its contactor is open
   * @returns the power that the vehicle draws now, in W, and its state of charge where it tells it
   */
  advance(elapsedMs: number, availableW: number): { powerW: number; socPercent?: number };
}

/** Draws a fixed power until it has taken `needWh`, then nothing. */
export function createPlainVehicle(options: { powerW: number; needWh: number }): Vehicle {
  let takenWh = 0;
  let powerW = 0;
  return {
    advance(elapsedMs, availableW) {
      takenWh += (powerW * elapsedMs) / 3_600_000;
      powerW = takenWh < options.needWh ? Math.min(options.powerW, availableW) : 0;
      return { powerW };
    },
  };
}

export interface SimulatedConnector {
  /** What the EVSE can give, in W. */
  powerMaxW: number;
  voltageV: number;
}

export interface SimulatedHardware extends HardwarePorts {
  plug(connectorId: number, vehicle: Vehicle): void;
  unplug(connectorId: number): void;
  tap(connectorId: number, idTag: string): void;
  raiseFault(connectorId: number, errorCode: FaultCode): void;
  clearFault(connectorId: number): void;
  isPlugged(connectorId: number): boolean;
}

/**
 * A charger's metal, made of numbers. The relay decides whether power is offered, the vehicle what it takes of it.
 * @param connectors the first is connector 1
 */
export function createSimulatedHardware(connectors: SimulatedConnector[], clock: ClockPort): SimulatedHardware {
  const listeners = new Set<(event: HardwareEvent) => void>();
  const plugs = connectors.map((connector) => ({
    ...connector, closed: false, limitW: null as number | null, vehicle: null as Vehicle | null, readAtMs: clock.monotonicMs(),
  }));

  function emit(event: HardwareEvent): void {
    for (const listener of listeners) listener(event);
  }

  function plugOf(connectorId: number) {
    const plug = plugs[connectorId - 1];
    if (!plug) throw new RangeError(`there is no connector ${connectorId}`);
    return plug;
  }

  return {
    meter: {
      read(connectorId): MeterReading {
        const plug = plugOf(connectorId);
        const nowMs = clock.monotonicMs();
        const drawn = plug.vehicle?.advance(nowMs - plug.readAtMs, plug.closed ? Math.min(plug.powerMaxW, plug.limitW ?? Infinity) : 0);
        plug.readAtMs = nowMs;
        const powerW = plug.closed ? drawn?.powerW ?? 0 : 0;
        return { powerW, voltageV: plug.voltageV, currentA: powerW / plug.voltageV, socPercent: drawn?.socPercent };
      },
    },
    relay: { set: (connectorId, closed) => void (plugOf(connectorId).closed = closed) },
    limit: {
      maxW: (connectorId) => plugOf(connectorId).powerMaxW,
      // Above 40 A a connector is taken to have three phases.
      supply: (connectorId) => ({ voltageV: plugOf(connectorId).voltageV, phases: plugOf(connectorId).powerMaxW / plugOf(connectorId).voltageV > 40 ? 3 : 1 }),
      set: (connectorId, limitW) => void (plugOf(connectorId).limitW = limitW),
    },
    lock: { unlock: () => true },
    sense: {
      subscribe(listener) {
        listeners.add(listener);
        return () => void listeners.delete(listener);
      },
    },
    plug(connectorId, vehicle) {
      const plug = plugOf(connectorId);
      if (plug.vehicle) return;
      plug.vehicle = vehicle;
      plug.readAtMs = clock.monotonicMs();
      emit({ kind: 'plugged', connectorId });
    },
    unplug(connectorId) {
      const plug = plugOf(connectorId);
      if (!plug.vehicle) return;
      // The station reads the meter while it handles this, with the vehicle still there for the last moment.
      emit({ kind: 'unplugged', connectorId });
      plug.vehicle = null;
    },
    tap: (connectorId, idTag) => emit({ kind: 'cardTapped', connectorId, idTag }),
    raiseFault: (connectorId, errorCode) => emit({ kind: 'faultRaised', connectorId, errorCode }),
    clearFault: (connectorId) => emit({ kind: 'faultCleared', connectorId }),
    isPlugged: (connectorId) => plugOf(connectorId).vehicle !== null,
  };
}
