export { openBus, type OpenBusOptions } from './open-bus.ts';
export { openReplyDesk, type ReplyDesk } from './reply-desk.ts';
export { standardTiming, type BusTiming, type BusLog } from './bus-timing.ts';
export { BusUnavailable } from '@csms/domain/command/bus-unavailable';
