import { z } from 'zod';
import { EnergyWh, Timestamp, Uuid } from './common.ts';

export const ForecastPoint = z.object({ at: Timestamp.describe('start of the hour'), meanWh: EnergyWh.optional().describe('what is expected; energy adds up by means, not by medians'), p10Wh: EnergyWh, p50Wh: EnergyWh, p90Wh: EnergyWh, usualWh: EnergyWh.nullable(), actualWh: EnergyWh.nullable() });

/** GET /forecasts/:siteId: the issued forecast beside what came, or why there is none. Nothing ever substitutes for a failed one. */
export const SiteForecast = z.object({
  siteId: Uuid, timeZone: z.string(),
  status: z.enum(['none', 'learning', 'ok', 'degraded', 'failed']),
  /** Days of usable history while learning; the sentence says why in English, the code is for translation. */
  daysOfData: z.number().int().nullable(), reason: z.string().nullable(),
  issuedAt: Timestamp.nullable(), originAt: Timestamp.nullable(), model: z.object({ id: Uuid, kind: z.string() }).nullable(),
  points: z.array(ForecastPoint),
  /** The last 24-48 hours: what had been forecast for each hour (latest forecast issued before it) and what came. */
  recent: z.array(ForecastPoint),
  /** How the model that serves would have done on its last judged days, never issued: for a screen that has no `recent` yet, and labelled as such. */
  backtest: z.array(ForecastPoint).optional(),
  last7Days: z.object({ hours: z.number().int(), maeWh: z.number().nullable(), rmseWh: z.number().nullable(), biasWh: z.number().nullable(), coverage80: z.number().nullable() }),
});
export type SiteForecast = z.infer<typeof SiteForecast>;

export const ModelVersion = z.object({
  id: Uuid, siteId: Uuid, task: z.string(), kind: z.string(), state: z.enum(['challenger', 'champion', 'retired']), trainedAt: Timestamp,
  windowFrom: Timestamp, windowTo: Timestamp, sampleDays: z.number().int(), sampleSessions: z.number().int(),
  metrics: z.record(z.string(), z.unknown()), decision: z.string(), reason: z.string(),
});
export type ModelVersion = z.infer<typeof ModelVersion>;
export const ModelList = z.object({ items: z.array(ModelVersion), runs: z.array(z.object({ id: Uuid, kind: z.enum(['daily', 'deep']), startedAt: Timestamp, endedAt: Timestamp.nullable(), outcome: z.enum(['running', 'promoted', 'kept', 'learning', 'failed']), reason: z.string().nullable(), daysOfData: z.number().int().nullable() })) });
