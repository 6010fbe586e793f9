import type { BootFact } from '@csms/domain';
import type { FromStation201 } from '@csms/ocpp';
import { bootInterval } from './boot-interval.ts';
import type { HandlerContext, ProfileTable } from './handler.ts';

/** OCPP 2.0.1, functional block B Provisioning, from the station. */
export const provisioning201 = {
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
} satisfies ProfileTable<'ocpp2.0.1'>;

function bootAnswer({ station }: HandlerContext) {
  return (writtenAt: Date) => ({
    status: station.registration,
    currentTime: writtenAt.toISOString(),
    interval: bootInterval(station.heartbeatIntervalS, station.identity),
  });
}

function toBoot({ chargingStation }: FromStation201['BootNotification']['request']): BootFact {
  return {
    vendor: chargingStation.vendorName,
    model: chargingStation.model,
    serial: chargingStation.serialNumber ?? null,
    firmware: chargingStation.firmwareVersion ?? null,
  };
}
