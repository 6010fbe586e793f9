import { z } from 'zod';
import { certificateCommands } from './commands/certificates.ts';
import { chargingPlanCommands } from './commands/charging-plan.ts';
import { coreCommands } from './commands/core.ts';
import { firmwareCommands } from './commands/firmware.ts';
import { localListCommands } from './commands/local-list.ts';
import { reservationCommands } from './commands/reservation.ts';
import { stationSecurityCommands } from './commands/station-security.ts';

/** The `payload` of a row in the table `command`: what the gateway reads back before it asks a station. Stations are asked in 1.6 and 2.x words later. */
export const StoredCommand = z.discriminatedUnion('action', [
  ...coreCommands, ...localListCommands, ...reservationCommands, ...chargingPlanCommands, ...firmwareCommands, ...certificateCommands,
  ...stationSecurityCommands,
]);
export type StoredCommand = z.infer<typeof StoredCommand>;
