import { z } from 'zod';
import {
  CODE_VERSION, MODEL_KINDS, assess, driftFallback, fitModel, forecastHours, holdContest, residualBands, seriesHash, siteCalendar,
  type Assessment, type Contender, type FittedModel, type HourlySeries, type Judged, type ModelKind, type SiteCalendar, type Verdict,
} from '@csms/forecast';
import {
  announceForecast, beginTrainingRun, currentChampion, endTrainingRun, insertModelVersion, issueForecast, moveChampion, retireChallengers,
  scoreDuePoints, trainedSite, trainingDone, whileHolding, type ModelVersionRecord, type TrainedSite, type TrainingKind,
  type JobPool,
} from '@csms/store/forecast/index';
import { inTenant } from '@csms/store/in-tenant';
import { backtestOf } from './backtest.ts';
import { parseFittedModel } from './fitted-model.ts';
import { issuedDays } from './issued-days.ts';
import { loadSeries } from './load-series.ts';

const TASK = 'load';
const HOUR_MS = 3_600_000;

/** The part of a ChargingSite's spec that a trainer reads; what is absent has the resource's own default. */
const TrainerSpec = z.looseObject({
  training: z.looseObject({ horizonHours: z.number().int().min(1).max(168).default(24) }).default({ horizonHours: 24 }),
});

export interface TrainingRequest {
  pool: JobPool;
  tenant: string;
  namespace: string;
  site: string;
  kind: TrainingKind;
  now: Date;
  newId: () => string;
}

export interface TrainingResult {
  /** done-already: this local day has been trained; busy: another run of this site is under way */
  outcome: 'promoted' | 'kept' | 'learning' | 'failed' | 'done-already' | 'busy';
  reason: string;
  scoredPoints: number;
  modelKind: ModelKind | null;
  forecastId: string | null;
}

/**
 * One run: load, judge, fit, publish, score. At most one a site at a time; a local day that has been trained is not trained again (see issueAgain).
 * Whatever fails is kept as a failed run with its reason, and leaves champion and ledger as they were: everything that a run
 * publishes is published in one transaction. Throws only where there is no such site or no database to write the reason to.
 */
export async function trainSite(request: TrainingRequest): Promise<TrainingResult> {
  const { pool, tenant, kind, now } = request;
  const site = await inTenant(pool, tenant, (db) => trainedSite(db, { namespace: request.namespace, name: request.site }));
  if (!site) throw new Error(`tenant ${tenant} has no site ${request.namespace}/${request.site}`);

  const result = await whileHolding(pool, `csms.train/${tenant}/${site.id}`, async () => {
    const runId = request.newId();
    // The zone may be what is wrong: the run is then noted under the UTC date.
    const localDate = dateIn(site.timeZone, now) ?? now.toISOString().slice(0, 10);
    const done = await inTenant(pool, tenant, async (db) => {
      if (await trainingDone(db, { siteId: site.id, kind, localDate })) return true;
      await beginTrainingRun(db, { id: runId, siteId: site.id, kind, localDate, startedAt: now });
      return false;
    });
    try {
      const scoredPoints = await inTenant(pool, tenant, (db) => scoreDuePoints(db, { siteId: site.id, now }));
      if (done) return { scoredPoints, ...(await issueAgain(request, site, localDate)) };
      return { scoredPoints, ...(await trainOnce(request, site, runId)) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      if (!done) {
        await inTenant(pool, tenant, (db) => endTrainingRun(db, { id: runId, endedAt: new Date(), outcome: 'failed', reason, daysOfData: null, modelVersionId: null }));
      }
      return { outcome: 'failed', reason, scoredPoints: 0, modelKind: null, forecastId: null } satisfies TrainingResult;
    }
  });
  return result ?? { outcome: 'busy', reason: `another run of ${request.namespace}/${request.site} is under way`, scoredPoints: 0, modelKind: null, forecastId: null };
}

type Trained = Omit<TrainingResult, 'scoredPoints'>;

/**
 * A later run on a day that has been trained fits nothing; the champion as it is kept says the next hours, so that no hour before tomorrow's run is
 * left without a forecast. Within one hour that is the same forecast as before, and the ledger keeps one.
 */
async function issueAgain(request: TrainingRequest, site: TrainedSite, localDate: string): Promise<Trained> {
  const { pool, tenant, kind, now, newId } = request;
  const { horizonHours } = parseSpec(site.spec).training;
  const issued = await inTenant(pool, tenant, async (db) => {
    const champion = await currentChampion(db, { siteId: site.id, task: TASK });
    if (!champion) return null;
    const model = parseFittedModel(champion.parameters);
    const { series } = await loadSeries(db, { siteId: site.id, now });
    const points = pointsOf({ model, series, calendar: siteCalendar(site.timeZone), now, horizonHours });
    const id = newId();
    const kept = await issueForecast(db, { id, siteId: site.id, task: TASK, modelVersionId: champion.id, issuedAt: now, originAt: hourOf(now), points });
    if (kept === id) await announceForecast(db, { siteId: site.id, at: now });
    return { forecastId: kept, modelKind: model.kind };
  });
  return { outcome: 'done-already', reason: `the ${kind} run of ${localDate} is done`, modelKind: issued?.modelKind ?? null, forecastId: issued?.forecastId ?? null };
}

function hourOf(now: Date): Date {
  return new Date(Math.floor(now.getTime() / HOUR_MS) * HOUR_MS);
}

async function trainOnce(request: TrainingRequest, site: TrainedSite, runId: string): Promise<Trained> {
  const { pool, tenant, kind, now, newId } = request;
  const calendar = siteCalendar(site.timeZone);
  const { horizonHours } = parseSpec(site.spec).training;
  const { series, sessions, issued, champion } = await inTenant(pool, tenant, async (db) => ({
    ...(await loadSeries(db, { siteId: site.id, now })),
    issued: await issuedDays(db, { siteId: site.id, task: TASK, calendar, now }),
    champion: await currentChampion(db, { siteId: site.id, task: TASK }),
  }));
  const assessment = assess(series, calendar);
  if (assessment.status === 'learning') {
    await inTenant(pool, tenant, (db) => endTrainingRun(db, {
      id: runId, endedAt: new Date(), outcome: 'learning', reason: assessment.reason, daysOfData: assessment.historyDays, modelVersionId: null,
    }));
    return { outcome: 'learning', reason: assessment.reason, modelKind: null, forecastId: null };
  }

  const championKind = champion ? parseKind(champion.kind) : null;
  const fallback = championKind === null ? null : drifted(issued.against(series, championKind), assessment);
  const seed = seedOf(site.id);
  const contest = holdContest({ assessment, championKind, fallback, contested: kind === 'deep' || championKind === null, seed });

  const versionOf = (of: Verdict, model: FittedModel): ModelVersionRecord => ({
    id: newId(), siteId: site.id, task: TASK, kind: of.kind, trainedAt: now, dataHash: seriesHash(series), codeVersion: CODE_VERSION, seed,
    windowFrom: new Date(series.firstHour * HOUR_MS), windowTo: new Date((series.firstHour + series.energyWh.length) * HOUR_MS),
    sampleDays: assessment.historyDays, sampleSessions: sessions,
    parameters: { model, backtest: backtestOf({ assessment, kind: of.kind, calendar }) },
    metrics: metricsOf(assessment.contenders[of.kind], assessment, of.checks ?? null),
    decision: of.decision, reason: of.reason,
  });
  const model = fitModel({ kind: contest.winner.kind, series, calendar, rolled: assessment.rolled });
  const winner = versionOf(contest.winner, model);
  const others = contest.others.map((verdict) => versionOf(verdict, fitModel({ kind: verdict.kind, series, calendar, rolled: assessment.rolled })));
  const points = pointsOf({ model, series, calendar, now, horizonHours });

  const forecastId = await inTenant(pool, tenant, async (db) => {
    if (others.length > 0) await retireChallengers(db, { siteId: site.id, task: TASK });
    for (const version of [...others, winner]) await insertModelVersion(db, version);
    await moveChampion(db, { siteId: site.id, task: TASK, modelVersionId: winner.id });
    const id = await issueForecast(db, {
      id: newId(), siteId: site.id, task: TASK, modelVersionId: winner.id, issuedAt: now, originAt: hourOf(now), points,
    });
    await announceForecast(db, { siteId: site.id, at: now });
    await endTrainingRun(db, { id: runId, endedAt: new Date(), outcome: contest.outcome, reason: contest.reason, daysOfData: assessment.historyDays, modelVersionId: winner.id });
    return id;
  });
  return { outcome: contest.outcome, reason: contest.reason, modelKind: contest.winner.kind, forecastId };
}

/** A yardstick without enough past errors to give an interval cannot serve, however well it did. */
function drifted(week: { champion: Judged; yardsticks: Judged[] }, assessment: Extract<Assessment, { status: 'judged' }>): { kind: ModelKind; reason: string } | null {
  const { rolled } = assessment;
  const able = week.yardsticks.filter(({ kind }) => kind === 'profile' || residualBands(rolled, kind, rolled.days) !== null);
  return driftFallback({ champion: week.champion, yardsticks: able });
}

/** From the first full hour that is still to come; the model saw the hours before the current one. */
function pointsOf(input: {
  model: FittedModel; series: HourlySeries; calendar: SiteCalendar; now: Date; horizonHours: number;
}): { at: Date; meanWh: number; p10Wh: number; p50Wh: number; p90Wh: number; usualWh: number }[] {
  const { model, series, calendar, now, horizonHours } = input;
  const first = Math.ceil(now.getTime() / HOUR_MS);
  const hours = Array.from({ length: horizonHours }, (_, i) => first + i);
  return forecastHours(model, series, calendar, hours).map((hour) => ({
    at: new Date(hour.hour * HOUR_MS), meanWh: hour.meanWh, p10Wh: hour.p10, p50Wh: hour.p50, p90Wh: hour.p90, usualWh: hour.usualWh,
  }));
}

function metricsOf(contender: Contender | undefined, assessment: Extract<Assessment, { status: 'judged' }>, checks: unknown): Record<string, unknown> {
  if (!contender) return { judgedDays: 0, reason: `no day is left to judge on beyond the ${assessment.historyDays} that made the model` };
  return { judgedDays: assessment.judgedDays, ...contender.scores, skillVsProfile: contender.skillVsProfile, skillVsNaive168: contender.skillVsNaive168, checks };
}

function parseSpec(spec: unknown): z.infer<typeof TrainerSpec> {
  const parsed = TrainerSpec.safeParse(spec);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  throw new Error(`the site's spec cannot be used: ${issue?.path.join('.') ?? 'spec'}: ${issue?.message ?? 'unreadable'}`);
}

function parseKind(kind: string): ModelKind {
  const known = MODEL_KINDS.find((name) => name === kind);
  if (!known) throw new Error(`the champion is of a kind that this trainer does not know: ${kind}`);
  return known;
}

function dateIn(timeZone: string, now: Date): string | null {
  try {
    const calendar = siteCalendar(timeZone);
    return calendar.dateOf(calendar.local(Math.floor(now.getTime() / HOUR_MS)).day);
  } catch {
    return null;
  }
}

/** The same site has the same chance in every run, so that a contest can be repeated. */
function seedOf(siteId: string): number {
  let hash = 0x811c9dc5;
  for (const char of siteId) hash = Math.imul(hash ^ char.charCodeAt(0), 0x01000193) >>> 0;
  return hash & 0x7fffffff;
}
