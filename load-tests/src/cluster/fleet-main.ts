import { z } from 'zod';
import { ClusterFleet } from './cluster-fleet.ts';
import { fleetOrder, fleetSetting } from './orders.ts';

/*
 * A fleet at the gateways of a real cluster, in a process of its own: its setting is the first argument, orders come over IPC, each with a number, and the answer has the
 * same number. It knows nothing of Kubernetes; whoever gives the orders does what it does to the gateways.
 */
const fleet = await ClusterFleet.open(fleetSetting.parse(JSON.parse(process.argv[2] ?? '')));
const envelope = z.object({ id: z.number(), order: fleetOrder });

process.on('message', (message) => {
  const { id, order } = envelope.parse(message);
  fleet.obey(order).then((result) => process.send?.({ id, result }), (error: unknown) => process.send?.({ id, error: String(error) }));
});
process.on('disconnect', () => process.exit(0));
process.send?.({ id: 0, result: 'ready' });
