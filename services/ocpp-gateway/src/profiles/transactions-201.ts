import type { RawSample, TransactionEventFact, UnitCorrection } from '@csms/domain';
import { parseStationTime, type FromStation201 } from '@csms/ocpp';
import type { ProfileTable } from './handler.ts';
import { toReadings, type SampledMoment } from './meter-readings.ts';

/** OCPP 2.0.1, functional blocks E Transactions and J MeterValues, from the station. */
export const transactions201 = {
  TransactionEvent: {
    handle: async (request, { sessions, source, tolerance }) => {
      const fact = toTransactionEvent(request, source.receivedAt, tolerance.units);
      const outcome = await sessions.transactionEvent(source, fact);
      // E01.FR.11: idTokenInfo answers an idToken, and only one that was asked about.
      return fact.tokenUid === null || outcome.authorization === null ? {} : { idTokenInfo: { status: outcome.authorization } };
    },
  },

  MeterValues: {
    handle: async (request, { sessions, source, tolerance }) => {
      const place = { evseId: request.evseId, connectorId: 0, transactionRef: '', receivedAt: source.receivedAt, units: tolerance.units };
      await sessions.readings(source, toReadings(request.meterValue.map(toMoment), place), request);
      return {};
    },
  },
} satisfies ProfileTable<'ocpp2.0.1'>;

type TransactionEvent = FromStation201['TransactionEvent']['request'];
type MeterValue = NonNullable<TransactionEvent['meterValue']>[number];

function toTransactionEvent(request: TransactionEvent, receivedAt: Date, units: readonly UnitCorrection[]): TransactionEventFact {
  const { transactionInfo } = request;
  const evseId = request.evse?.id ?? null;
  const connectorId = request.evse?.connectorId ?? null;
  return {
    kind: request.eventType,
    transactionRef: transactionInfo.transactionId,
    seqNo: request.seqNo,
    at: parseStationTime(request.timestamp) ?? receivedAt,
    offline: request.offline ?? false,
    trigger: request.triggerReason,
    evseId,
    connectorId,
    // Type NoAuthorization has an empty token (C01): nobody's card.
    tokenUid: request.idToken?.idToken ? request.idToken.idToken : null,
    remoteStartId: transactionInfo.remoteStartId === undefined ? null : String(transactionInfo.remoteStartId),
    stopReason: transactionInfo.stoppedReason ?? null,
    chargingState: transactionInfo.chargingState ?? null,
    readings: toReadings((request.meterValue ?? []).map(toMoment), {
      evseId: evseId ?? 0, connectorId: connectorId ?? 0, transactionRef: transactionInfo.transactionId, receivedAt, units,
    }),
    payload: request,
  };
}

/** 2.x puts the unit and its power of ten in an object, and signed data beside the value instead of in it (G-20: kept byte for byte). */
function toMoment(value: MeterValue): SampledMoment {
  return {
    timestamp: value.timestamp,
    samples: value.sampledValue.flatMap((sample): RawSample[] => {
      const raw: RawSample = {
        value: sample.value,
        measurand: sample.measurand,
        unit: sample.unitOfMeasure?.unit,
        multiplier: sample.unitOfMeasure?.multiplier,
        phase: sample.phase,
        location: sample.location,
        context: sample.context,
      };
      const signed = sample.signedMeterValue;
      return signed === undefined ? [raw] : [raw, { ...raw, value: signed.signedMeterData, unit: undefined, multiplier: undefined, format: 'SignedData' }];
    }),
  };
}
