import { parseStationTime } from '@csms/ocpp';
import type { ProfileTable } from './handler.ts';

/** OCPP 2.0.1, functional block A Security, from the station. */
export const security201 = {
  SecurityEventNotification: {
    handle: async (request, { stations, source, station }) => {
      await stations.securityEvent(source.tenantId, {
        stationId: source.stationId,
        identity: station.identity,
        kind: request.type,
        detail: request.techInfo ?? '',
        at: parseStationTime(request.timestamp) ?? source.receivedAt,
      });
      return {};
    },
  },
} satisfies ProfileTable<'ocpp2.0.1'>;
