import type { RawSample, Reading } from '@csms/domain';
import { normaliseSamples } from '@csms/domain/meter/normalise';
import { parseStationTime } from '@csms/ocpp';

/** What both dialects' MeterValue has in common, once a sample is a RawSample. */
export interface SampledMoment { timestamp: string; samples: RawSample[] }

/** Meter values of one connector as readings, one a moment. A moment without a readable time gets the time of receipt. */
export function toReadings(moments: SampledMoment[], place: { evseId: number; connectorId: number; transactionRef: string; receivedAt: Date }): Reading[] {
  return moments.map(({ timestamp, samples }) => ({
    evseId: place.evseId,
    connectorId: place.connectorId,
    transactionRef: place.transactionRef,
    at: parseStationTime(timestamp) ?? place.receivedAt,
    ...normaliseSamples(samples),
  }));
}
