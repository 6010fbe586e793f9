import { z } from 'zod';

/** The prototype's paths, in the prototype's shapes: `/predict/availability`, `/health/score`, `/model/metrics`, `/cps`, `/users`, ... */
export const LegacyForecast = z.object({ forecast: z.array(z.number()).length(24).describe('kWh an hour for the next 24 hours') });
export const LegacyScore = z.object({ score: z.number() });
export const LegacyModelMetrics = z.object({ load_model_mae: z.number().describe('kWh an hour, over issued forecasts'), sample_size: z.number().int(), last_trained: z.number().describe('seconds since 1970') });
