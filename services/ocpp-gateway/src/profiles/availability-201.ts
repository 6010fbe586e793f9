import type { StatusFact } from '@csms/domain';
import { parseStationTime, type FromStation201 } from '@csms/ocpp';
import type { ProfileTable } from './handler.ts';

/** OCPP 2.0.1, functional block G Availability, from the station. */
export const availability201 = {
  Heartbeat: {
    withoutBooks: true,
    handle: (_request, { stations, source }) => {
      stations.seen(source.tenantId, source.stationId, source.receivedAt);
      return (writtenAt) => ({ currentTime: writtenAt.toISOString() });
    },
  },

  StatusNotification: {
    handle: async (request, { stations, source }) => {
      await stations.status(source, toStatus(request));
      return {};
    },
    fromMemory: (request, { stations, source, later }) => {
      later(`status/${request.evseId}/${request.connectorId}`, () => stations.status(source, toStatus(request)));
      return {};
    },
  },
} satisfies ProfileTable<'ocpp2.0.1'>;

function toStatus(request: FromStation201['StatusNotification']['request']): StatusFact {
  return {
    evseId: request.evseId,
    connectorId: request.connectorId,
    status: request.connectorStatus,
    errorCode: null,
    info: null,
    at: parseStationTime(request.timestamp),
  };
}
