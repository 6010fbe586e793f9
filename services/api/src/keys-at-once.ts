import { readConfiguredValues } from '@csms/store/read-models/configured-values';
import type { Queryable } from '@csms/store/forecast/queryable';
import { wholeNumberOf } from './configured-values.ts';
import { ApiProblem } from './problems/api-problem.ts';

const limitKey = 'GetConfigurationMaxKeys';

/** How many keys a station answers at once, as it told (OCPP 1.6, chapter 9.1); null where it did not say. */
export async function keysAtOnceMax(db: Queryable, stationId: string): Promise<number | null> {
  return wholeNumberOf(await readConfiguredValues(db, stationId, [limitKey]), limitKey);
}

/** Refuses a question with more keys than the station answers at once: it would leave some out, or answer with an error (G-37). */
export async function checkKeysAtOnce(db: Queryable, stationId: string, keys: readonly string[]): Promise<void> {
  const max = await keysAtOnceMax(db, stationId);
  if (max !== null && keys.length > max) throw new ApiProblem('beyond-station-limit', { detail: `${keys.length} keys were asked for, and the station answers ${max} at once (${limitKey})` });
}
