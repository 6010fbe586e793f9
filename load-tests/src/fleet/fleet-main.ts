import { z } from 'zod';
import { Fleet } from './fleet.ts';
import { fleetOrder, fleetSetting } from './orders.ts';

/*
 * A fleet in a process of its own, so that its CPU is known and is not the server's. Its setting is the first argument, orders come over IPC, each with
 * a number, and the answer has the same number.
 */
const fleet = new Fleet(fleetSetting.parse(JSON.parse(process.argv[2] ?? '')));
const envelope = z.object({ id: z.number(), order: fleetOrder });

process.on('message', (message) => {
  const { id, order } = envelope.parse(message);
  fleet.obey(order).then((result) => process.send?.({ id, result }), (error: unknown) => process.send?.({ id, error: String(error) }));
});
process.on('disconnect', () => process.exit(0));
