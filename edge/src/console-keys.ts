import { createInterface } from 'node:readline';
import type { Readable } from 'node:stream';
import { createPlainVehicle, type SimulatedHardware } from './hardware/simulated.ts';
import type { Cancel } from './ports.ts';

/**
 * A line-based card reader and plug for a charger without metal: what is typed (or written by a serial reader that acts
 * as a keyboard) happens at a connector. `tap CARD [connector]`, `plug [connector]`, `unplug [connector]`,
 * `fault [connector]`, `clear [connector]`.
 */
export function listenToLines(input: Readable, hardware: SimulatedHardware, say: (line: string) => void): Cancel {
  const lines = createInterface({ input });
  lines.on('line', (line) => {
    const [verb, ...rest] = line.trim().split(/\s+/);
    const card = verb === 'tap' ? rest.shift() : undefined;
    const connectorId = Number(rest[0] ?? 1);
    try {
      if (verb === 'tap' && card) hardware.tap(connectorId, card);
      else if (verb === 'plug') hardware.plug(connectorId, createPlainVehicle({ powerW: 7_000, needWh: 20_000 }));
      else if (verb === 'unplug') hardware.unplug(connectorId);
      else if (verb === 'fault') hardware.raiseFault(connectorId, 'OtherError');
      else if (verb === 'clear') hardware.clearFault(connectorId);
      else if (verb) say('tap CARD [connector] | plug | unplug | fault | clear [connector]');
    } catch (error) {
      say(error instanceof Error ? error.message : String(error));
    }
  });
  return () => lines.close();
}
