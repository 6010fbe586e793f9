/**
 * What a charger needs from the world around it. Everything that touches time, chance, metal or disk comes in through
 * one of these, so that the same station runs on a Raspberry Pi, in the demo fleet and in a test with a virtual clock.
 */

/** Takes back something that was scheduled or subscribed. Calling it twice does nothing more. */
export type Cancel = () => void;

export interface ClockPort {
  /** Wall-clock time, milliseconds since 1970 UTC; what goes into timestamps. May be set forwards or backwards. */
  nowMs(): number;
  /** Milliseconds since some fixed moment; never goes back. Energy is integrated over this one. */
  monotonicMs(): number;
  /** Runs `run` once after `delayMs` milliseconds. */
  schedule(delayMs: number, run: () => void): Cancel;
}

export interface MeterReading {
  /** Active power drawn at this moment, in W. */
  powerW: number;
  voltageV?: number;
  currentA?: number;
  /** State of charge that the vehicle tells, 0 to 100. */
  socPercent?: number;
  /** A hardware register in Wh, where the meter has one; it then replaces our own integration. */
  registerWh?: number;
}

export interface MeterPort {
  /** The reading of one connector, now. */
  read(connectorId: number): MeterReading;
}

export interface RelayPort {
  /** Closes (true) or opens the contactor of one connector. */
  set(connectorId: number, closed: boolean): void;
}

export interface LimitPort {
  /** What one connector can give at most, in W. */
  maxW(connectorId: number): number;
  /** How amperes become watts at one connector: W = A x voltageV x phases. */
  supply(connectorId: number): { voltageV: number; phases: number };
  /** Offers the vehicle no more than so many W; null: as much as there is. */
  set(connectorId: number, limitW: number | null): void;
}

export interface LockPort {
  /** Releases the plug; false when the lock did not move. */
  unlock(connectorId: number): boolean;
}

export type HardwareEvent =
  | { kind: 'plugged'; connectorId: number }
  | { kind: 'unplugged'; connectorId: number }
  | { kind: 'cardTapped'; connectorId: number; idTag: string }
  | { kind: 'faultRaised'; connectorId: number; errorCode: FaultCode }
  | { kind: 'faultCleared'; connectorId: number };

/** OCPP 1.6 ChargePointErrorCode without NoError; the words are the same on the front panel of most chargers. */
export type FaultCode =
  | 'ConnectorLockFailure' | 'EVCommunicationError' | 'GroundFailure' | 'HighTemperature' | 'InternalError'
  | 'OtherError' | 'OverCurrentFailure' | 'OverVoltage' | 'PowerMeterFailure' | 'PowerSwitchFailure'
  | 'ReaderFailure' | 'UnderVoltage' | 'WeakSignal';

/** Plug detection and card reader: whatever happens at the charger, in the order in which it happens. */
export interface SensePort {
  subscribe(listener: (event: HardwareEvent) => void): Cancel;
}

export interface HardwarePorts {
  meter: MeterPort;
  relay: RelayPort;
  lock: LockPort;
  /** Missing where nothing can be limited: then there is no smart charging. */
  limit?: LimitPort;
  sense: SensePort;
}

/** An append-only list of lines. `durable` asks for fsync before returning. */
export interface Journal {
  /** All complete lines, oldest first. A last line that was cut off by a power loss is not among them. */
  lines(): string[];
  append(line: string, durable: boolean): void;
  /** Replaces everything at once: after a crash either the old or the new lines are there, never a mixture. */
  replace(lines: string[]): void;
  close(): void;
}

export interface StoragePort {
  openJournal(name: string): Journal;
}

/** A number in [0, 1). Seeded in the fleet and in tests. */
export type RandomPort = () => number;
