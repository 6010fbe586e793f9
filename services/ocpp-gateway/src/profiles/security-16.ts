import { parseStationTime } from '@csms/ocpp';
import type { ProfileTable } from './handler.ts';

/** OCPP 1.6 security whitepaper, from the charge point. */
export const security16 = {
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
} satisfies ProfileTable<'ocpp1.6'>;
