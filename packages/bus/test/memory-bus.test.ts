import { busContract } from '../src/testing/bus-contract.ts';
import { MemoryBusServer } from '../src/testing/memory-bus.ts';

busContract('memory, the twin of the others', async () => {
  const server = new MemoryBusServer();
  return {
    open: async (timing) => server.view(timing),
    forgetAll: async () => server.forgetAll(),
    cut: () => server.setAway(true), freeze: () => server.setAway(true), mend: () => server.setAway(false),
    close: async () => {},
  };
});
