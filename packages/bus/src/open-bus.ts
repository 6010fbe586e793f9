import type { Bus } from '@csms/domain';
import { standardTiming, type BusLog, type BusTiming } from './bus-timing.ts';
import { openPostgresBus } from './postgres/postgres-bus.ts';
import { openRedisBus } from './redis/redis-bus.ts';

export interface OpenBusOptions {
  /** Taken when given: the Redis adapter. */
  redisUrl?: string | undefined;
  /** Else the PostgreSQL adapter, under the role csms_bus (or csms_app). */
  databaseUrl?: string | undefined;
  log: BusLog;
  timing?: Partial<BusTiming>;
}

/**
 * Opens the bus. Resolves after the first attempt to reach it, whether it succeeded or not: a process starts without its bus and uses it
 * when it comes. Throws when neither address is given.
 */
export async function openBus(options: OpenBusOptions): Promise<Bus> {
  const timing = { ...standardTiming, ...options.timing };
  if (options.redisUrl) return openRedisBus({ url: options.redisUrl, log: options.log, timing });
  if (options.databaseUrl) return openPostgresBus({ databaseUrl: options.databaseUrl, log: options.log, timing });
  throw new Error('a bus needs REDIS_URL or BUS_DATABASE_URL');
}
