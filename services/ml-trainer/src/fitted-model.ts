import { z } from 'zod';
import { RIDGE_FEATURES, type FittedModel } from '@csms/forecast';

const energies = z.array(z.number().min(0)).length(48);
const Profile = z.object({ meanWh: energies, p10Wh: energies, p50Wh: energies, p90Wh: energies });
const Ridge = z.object({ penalty: z.number(), rows: z.number().int(), interceptWh: z.number(), weights: z.array(z.number()).length(RIDGE_FEATURES) });
const errors = z.array(z.object({ p10: z.number(), p50: z.number(), p90: z.number() })).length(24);

const StoredModel: z.ZodType<FittedModel> = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('profile'), profile: Profile }),
  z.object({ kind: z.literal('ridge'), profile: Profile, ridge: Ridge, errors }),
  z.object({ kind: z.literal('blend'), profile: Profile, ridge: Ridge, errors }),
  z.object({ kind: z.literal('naive24'), profile: Profile, errors }),
  z.object({ kind: z.literal('naive168'), profile: Profile, errors }),
]);

/** The model in a registry row's `parameters`. Throws an Error with one sentence when it is not one. */
export function parseFittedModel(parameters: unknown): FittedModel {
  const parsed = z.object({ model: StoredModel }).safeParse(parameters);
  if (parsed.success) return parsed.data.model;
  throw new Error(`the champion's parameters cannot be read: ${parsed.error.issues[0]?.path.join('.') ?? ''}: ${parsed.error.issues[0]?.message ?? ''}`);
}
