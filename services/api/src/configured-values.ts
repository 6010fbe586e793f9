import { inTenant } from '@csms/store/in-tenant';
import { readConfiguredValues, type ConfiguredValue } from '@csms/store/read-models/index';
import { z } from 'zod';
import { askStation, type AskingParts } from './ask-station.ts';

const Answer = z.object({
  configurationKey: z.array(z.object({ key: z.string(), value: z.string().optional() })).default([]),
  unknownKey: z.array(z.string()).default([]),
});

/** Of how many keys a station tells in one answer (1.6, 9.1). */
const keysAtOnce = 'GetConfigurationMaxKeys';

/**
 * What a station has configured under these keys: as the books know it since its last boot, and asked (GetConfiguration) for the rest. A key of which
 * nothing is known afterwards, because the station is away or silent, is absent. Never more keys in one question than it has said that it answers.
 */
export async function configuredValues(parts: AskingParts, about: { tenant: string; stationId: string; keys: readonly string[]; createdBy: string; timeoutMs: number }): Promise<Map<string, ConfiguredValue>> {
  const { tenant, stationId, keys, createdBy, timeoutMs } = about;
  const known = await inTenant(parts.pool, tenant, (db) => readConfiguredValues(db, stationId, [...keys, keysAtOnce]));
  const missing = keys.filter((key) => !known.has(key));
  const atOnce = Math.max(1, wholeNumberOf(known, keysAtOnce) ?? missing.length);
  while (missing.length > 0) {
    const asked = missing.splice(0, atOnce);
    const record = await askStation(parts, { tenant, stationId, command: { action: 'get-configuration', keys: asked }, createdBy, timeoutMs });
    const answer = Answer.safeParse(record.result);
    if (!answer.success) break;
    for (const key of asked) {
      const said = answer.data.configurationKey.find((each) => each.key.toLowerCase() === key.toLowerCase());
      if (said !== undefined) known.set(key, { value: said.value ?? null, isKnown: true });
      else if (answer.data.unknownKey.some((each) => each.toLowerCase() === key.toLowerCase())) known.set(key, { value: null, isKnown: false });
    }
  }
  known.delete(keysAtOnce);
  return known;
}

/** A whole number that a key was given, or null. */
export function wholeNumberOf(values: ReadonlyMap<string, ConfiguredValue>, key: string): number | null {
  const text = values.get(key)?.value ?? null;
  return text !== null && /^\d{1,9}$/.test(text.trim()) ? Number(text) : null;
}
