import type { AuthorizationStatus, BootFact, Reading, StatusFact } from '@csms/domain';
import { registerWh } from '@csms/domain/tolerance/tolerance-of';
import { parseStationTime, type FromStation16 } from '@csms/ocpp';
import { bootInterval } from './boot-interval.ts';
import type { HandlerContext, ProfileTable } from './handler.ts';
import { toReadings, type PlaceOfReadings } from './meter-readings.ts';

/** OCPP 1.6, feature profile Core, from the charge point. A 1.6 connector is an EVSE of its own, so evseId equals connectorId. */
export const core16 = {
  Authorize: {
    handle: async ({ idTag }, { authorization, source }) => {
      const decision = await authorization.authorize(source.tenantId, source.stationId, idTag, source.receivedAt);
      return {
        idTagInfo: {
          status: decision.status,
          ...(decision.validUntil === null ? {} : { expiryDate: decision.validUntil.toISOString() }),
          ...(decision.parentUid === null ? {} : { parentIdTag: decision.parentUid.slice(0, 20) }),
        },
      };
    },
  },

  BootNotification: {
    handle: async (request, context) => {
      context.session.booted(toBoot(request));
      await context.stations.boot(context.source, toBoot(request));
      return bootAnswer(context);
    },
    fromMemory: (request, context) => {
      context.session.booted(toBoot(request));
      context.later('boot', () => context.stations.boot(context.source, toBoot(request)));
      return bootAnswer(context);
    },
  },

  Heartbeat: {
    withoutBooks: true,
    handle: (_request, { stations, source }) => {
      stations.seen(source.tenantId, source.stationId, source.receivedAt);
      return (writtenAt) => ({ currentTime: writtenAt.toISOString() });
    },
  },

  MeterValues: {
    handle: async (request, { sessions, source, tolerance }) => {
      await sessions.readings(source, toReadings16(request.meterValue, {
        evseId: request.connectorId,
        connectorId: request.connectorId,
        // Ids begin at 1 (G-05): 0 and -1 are how some firmware says that there is none.
        transactionRef: (request.transactionId ?? 0) > 0 ? String(request.transactionId) : '',
        receivedAt: source.receivedAt, units: tolerance.units,
      }), request);
      return {};
    },
  },

  StartTransaction: {
    handle: async (request, { sessions, source, tolerance }) => {
      const outcome = await sessions.start(source, {
        evseId: request.connectorId,
        connectorId: request.connectorId,
        tokenUid: request.idTag,
        startedAt: parseStationTime(request.timestamp) ?? source.receivedAt,
        meterStartWh: registerWh(tolerance, request.meterStart),
        reservationRef: request.reservationId === undefined ? null : String(request.reservationId),
        payload: request,
      });
      return { transactionId: Number(outcome.transactionRef), idTagInfo: idTagInfo(outcome.authorization) };
    },
  },

  StatusNotification: {
    handle: async (request, { stations, source }) => {
      await stations.status(source, toStatus(request));
      return {};
    },
    fromMemory: (request, { stations, source, later }) => {
      later(`status/${request.connectorId}`, () => stations.status(source, toStatus(request)));
      return {};
    },
  },

  StopTransaction: {
    handle: async (request, { sessions, source, tolerance }) => {
      const transactionRef = String(request.transactionId);
      const outcome = await sessions.stop(source, {
        transactionRef,
        tokenUid: request.idTag ?? null,
        endedAt: parseStationTime(request.timestamp) ?? source.receivedAt,
        meterStopWh: registerWh(tolerance, request.meterStop),
        reason: request.reason ?? 'Local',
        readings: toReadings16(request.transactionData ?? [], { evseId: 0, connectorId: 0, transactionRef, receivedAt: source.receivedAt, units: tolerance.units }),
        payload: request,
      });
      return outcome.authorization === null ? {} : { idTagInfo: idTagInfo(outcome.authorization) };
    },
  },
} satisfies ProfileTable<'ocpp1.6'>;

function idTagInfo(status: AuthorizationStatus): { status: AuthorizationStatus } {
  return { status };
}

function bootAnswer({ station }: HandlerContext) {
  return (writtenAt: Date) => ({
    status: station.registration,
    currentTime: writtenAt.toISOString(),
    interval: bootInterval(station.heartbeatIntervalS, station.identity),
  });
}

function toBoot(request: FromStation16['BootNotification']['request']): BootFact {
  return {
    vendor: request.chargePointVendor,
    model: request.chargePointModel,
    serial: request.chargePointSerialNumber ?? request.chargeBoxSerialNumber ?? null,
    firmware: request.firmwareVersion ?? null,
  };
}

function toStatus(request: FromStation16['StatusNotification']['request']): StatusFact {
  return {
    evseId: request.connectorId,
    connectorId: request.connectorId,
    status: request.status,
    errorCode: request.errorCode === 'NoError' ? null : request.errorCode,
    info: request.info ?? null,
    at: request.timestamp === undefined ? null : parseStationTime(request.timestamp),
  };
}

type MeterValue16 = FromStation16['MeterValues']['request']['meterValue'][number];

function toReadings16(values: MeterValue16[], place: PlaceOfReadings): Reading[] {
  return toReadings(values.map((value) => ({ timestamp: value.timestamp, samples: value.sampledValue })), place);
}
