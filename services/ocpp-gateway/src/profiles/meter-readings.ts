import type { RawSample, Reading, UnitCorrection } from '@csms/domain';
import { normaliseSamples } from '@csms/domain/meter/normalise';
import { parseStationTime } from '@csms/ocpp';

/** What both dialects' MeterValue has in common, once a sample is a RawSample. */
export interface SampledMoment { timestamp: string; samples: RawSample[] }

/** Where and when they were read, and which of their units are known to be wrong. */
export interface PlaceOfReadings { evseId: number; connectorId: number; transactionRef: string; receivedAt: Date; units: readonly UnitCorrection[] }

/** Meter values of one connector as readings, one a moment. A moment without a readable time gets the time of receipt. */
export function toReadings(moments: SampledMoment[], place: PlaceOfReadings): Reading[] {
  return moments.map(({ timestamp, samples }) => ({
    evseId: place.evseId,
    connectorId: place.connectorId,
    transactionRef: place.transactionRef,
    at: parseStationTime(timestamp) ?? place.receivedAt,
    ...normaliseSamples(samples, place.units),
  }));
}
