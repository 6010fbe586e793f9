/**
 * The charger: one station logic, two OCPP dialects, hardware behind ports. `createStation` takes every port from
 * outside; the simulated hardware, the clocks and the storages here are what the demo fleet and the tests give it.
 */
export { createStation } from './station/station.ts';
export type { Station } from './station/station.ts';
export type { StationEvent } from './station/event.ts';
export type { Deviations } from './deviations.ts';
export type { VendorMessage, VendorMessages } from './station/vendor-messages.ts';
export type { StationBehaviour } from './station/behaviour.ts';
export type { StationOptions } from './station/options.ts';
export type { ConnectorView, StationView } from './station/view.ts';
export type { TransactionTruth } from './station/truth-log.ts';
export { createSimulatedHardware, createPlainVehicle } from './hardware/simulated.ts';
export type { SimulatedConnector, SimulatedHardware, Vehicle } from './hardware/simulated.ts';
export { createMemoryStorage } from './storage/memory-storage.ts';
export { createFileStorage } from './storage/file-storage.ts';
export { createSystemClock, createVirtualClock } from './clock.ts';
export type { VirtualClock } from './clock.ts';
export { createRandom } from './random.ts';
export { backoffDelayMs } from './backoff.ts';
export type { BackoffRule } from './backoff.ts';
export { createLink, NotImplementedAction } from './link.ts';
export type { CallOutcome, ConnectFailure, Link, LinkOptions, Subprotocol, Way } from './link.ts';
export { createDelivery } from './queue/delivery.ts';
export type { Delivery, SendOutcome } from './queue/delivery.ts';
export { openRecordQueue } from './queue/record-queue.ts';
export type { RecordQueue } from './queue/record-queue.ts';
export type { Reading, TransactionRecord } from './queue/transaction-record.ts';
export { ocpp16 } from './dialect/ocpp16.ts';
export { ocpp201 } from './dialect/ocpp201.ts';
export type { Dialect, OutgoingCall, StationIdentity } from './dialect/dialect.ts';
export { statusOf } from './connector/connector.ts';
export type { ConnectorStatus, StopReason } from './connector/connector.ts';
export type * from './ports.ts';
