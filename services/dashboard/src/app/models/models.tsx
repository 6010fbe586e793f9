import type { ModelList, ModelVersion } from '@csms/contracts/http/index';
import { Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useTranslation } from 'react-i18next';
import { z } from 'zod';
import { forecastQuery, modelsQuery, sitesQuery } from '../api/queries.ts';
import { ZoneNote } from '../frame/frame.tsx';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Answer, FirstUse, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { KnownText } from '../parts/known-text.tsx';
import { Known, Value } from '../parts/values.tsx';
import { useFilter, useSiteId } from '../site-choice.ts';
import { useFormats } from '../use-formats.tsx';
import { modelTitle, reasonRules } from './reason-rules.ts';
import { ForecastView } from '../overview/forecast-card.tsx';

/** What a judged model says of itself; each number may be missing where no day was left to judge on. */
const Metrics = z.object({ maeWh: z.number().nullish(), rmseWh: z.number().nullish(), coverage80: z.number().nullish(), skillVsProfile: z.number().nullish(), skillVsNaive168: z.number().nullish() });
const decisions = ['first', 'promoted', 'refitted', 'fallback', 'refused'] as const;

/** Forecast accountability: the model in use, who challenged it, why it was decided so, and each training with its outcome. */
export function Models() {
  const { t } = useTranslation();
  const sites = useQuery(sitesQuery);
  const chosen = useSiteId();
  const [, setSite] = useFilter('site');
  const items = sites.data?.items ?? [];
  const siteId = chosen ?? items[0]?.id ?? null;
  return (
    <>
      <PageHead title={t('models.title')} sub={<>{t('models.lead')} <ZoneNote siteId={siteId} /></>}>
        {chosen === null && items.length > 1 && <Select aria-label={t('top.site')} w={240} allowDeselect={false} data={items.map((site) => ({ value: site.id, label: site.displayName }))} value={siteId} onChange={setSite} />}
      </PageHead>
      {siteId === null ? <Card><SkeletonRows rows={6} /></Card> : <ModelsOf siteId={siteId} />}
    </>
  );
}

function ModelsOf({ siteId }: { siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const models = useQuery(modelsQuery(siteId));
  const forecast = useQuery(forecastQuery(siteId));
  return (
    <Answer query={models} skeleton={<Card><SkeletonRows rows={8} /></Card>}>
      {(data) => {
        const champion = data.items.find((each) => each.state === 'champion');
        const others = data.items.filter((each) => each.state !== 'champion');
        if (data.items.length === 0 && data.runs.length === 0) return <Card><FirstUse title={t('models.firstTitle')} detail={t('models.firstDetail')} /></Card>;
        return (
          <>
            <Card title={t('models.champion')} className="data">{champion ? <Champion model={champion} siteId={siteId} /> : <p className="muted">{t('models.noChampion')}</p>}</Card>
            <Card title={t('models.issuedTitle')} className="data"><Answer query={forecast} skeleton={<SkeletonRows rows={6} />}>{(each) => <ForecastView forecast={each} f={f} />}</Answer></Card>
            {others.length > 0 && <Card title={t('models.otherModels')} flush><ModelTable items={others} siteId={siteId} /></Card>}
            <Card title={t('models.runs')} flush>{data.runs.length === 0 ? <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('models.noRuns')}</p> : <Runs runs={data.runs} siteId={siteId} />}</Card>
          </>
        );
      }}
    </Answer>
  );
}

function useDecision(): (decision: string) => string {
  const { t } = useTranslation();
  return (decision) => {
    const known = decisions.find((each) => each === decision);
    return known ? t(`models.decisionName.${known}`) : decision;
  };
}

function Champion({ model, siteId }: { model: ModelVersion; siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const now = useNow();
  const decision = useDecision();
  const metrics = Metrics.safeParse(model.metrics);
  const m = metrics.success ? metrics.data : {};
  const figures: [string, React.ReactNode][] = [
    [t('models.error'), <Known key="mae" value={m.maeWh} reason={t('common.unknown')}>{(wh) => <Value quantity={f.energy(wh, 2)} />}</Known>],
    [t('models.rmse'), <Known key="rmse" value={m.rmseWh} reason={t('common.unknown')}>{(wh) => <Value quantity={f.energy(wh, 2)} />}</Known>],
    [t('models.skill'), <Known key="skill" value={m.skillVsNaive168} reason={t('common.unknown')}>{(skill) => <>{f.percent(skill)}</>}</Known>],
    [t('models.coverage'), <Known key="coverage" value={m.coverage80} reason={t('common.unknown')}>{(coverage) => <>{f.percent(coverage)}</>}</Known>],
  ];
  return (
    <div className="stack">
      <div className="row" style={{ gap: '8px 40px', alignItems: 'flex-start' }}>
        <div><div className="muted">{t('station.model')}</div><div className="figure">{modelTitle(t, model.kind)}</div></div>
        {figures.map(([name, value]) => <div key={name}><div className="muted">{name}</div><div className="figure number">{value}</div></div>)}
      </div>
      <p className="notice"><strong style={{ fontWeight: 600 }}>{decision(model.decision)}</strong> <KnownText text={model.reason} rules={reasonRules(t, f)} /></p>
      <p className="muted small number">{t('models.trained')} {f.moment(model.trainedAt, now)} · {t('models.dataDays', { count: model.sampleDays })}, {t('models.dataSessions', { count: model.sampleSessions })} · {f.dateWithYear(model.windowFrom)} – {f.dateWithYear(model.windowTo)}</p>
    </div>
  );
}

function ModelTable({ items, siteId }: { items: ModelVersion[]; siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const now = useNow();
  const decision = useDecision();
  const metric = (model: ModelVersion, key: 'maeWh' | 'rmseWh'): number | null => { const parsed = Metrics.safeParse(model.metrics); return parsed.success ? parsed.data[key] ?? null : null; };
  const columns: Column<ModelVersion>[] = [
    { key: 'kind', header: t('nav.models'), phone: 'wide', nowrap: true, cell: (model) => <><strong style={{ fontWeight: 600 }}>{modelTitle(t, model.kind)}</strong> <span className="badge">{t(`models.${model.state}`)}</span></> },
    { key: 'decision', header: t('models.decision'), nowrap: true, cell: (model) => decision(model.decision) },
    { key: 'reason', header: t('models.reason'), phone: 'wide', cell: (model) => <KnownText text={model.reason} rules={reasonRules(t, f)} /> },
    { key: 'mae', header: `${t('models.errorShort')}, kWh`, end: true, cell: (model) => <Known value={metric(model, 'maeWh')} reason={t('common.unknown')}>{(wh) => <span className="number">{f.number(wh / 1_000, 2)}</span>}</Known> },
    { key: 'rmse', header: `${t('models.rmse')}, kWh`, end: true, cell: (model) => <Known value={metric(model, 'rmseWh')} reason={t('common.unknown')}>{(wh) => <span className="number">{f.number(wh / 1_000, 2)}</span>}</Known> },
    { key: 'trained', header: t('models.trained'), end: true, nowrap: true, cell: (model) => <span className="number">{f.moment(model.trainedAt, now)}</span> },
  ];
  return <DataTable label={t('models.otherModels')} columns={columns} items={items} rowKey={(model) => model.id} />;
}

type Run = z.infer<typeof ModelList>['runs'][number];

function Runs({ runs, siteId }: { runs: Run[]; siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const now = useNow();
  return (
    <DataTable
      label={t('models.runs')} items={runs} rowKey={(run) => run.id}
      columns={[
        { key: 'started', header: t('models.started'), nowrap: true, phone: 'wide', cell: (run) => <span className="number">{f.moment(run.startedAt, now)} <span className="muted">{t(`models.runKind.${run.kind}`)}</span></span> },
        { key: 'outcome', header: t('models.result'), nowrap: true, cell: (run) => <span className={run.outcome === 'failed' ? 'badge bad' : run.outcome === 'promoted' ? 'badge strong' : 'badge'}>{t(`models.outcome.${run.outcome}`)}</span> },
        { key: 'reason', header: t('models.reason'), phone: 'wide', cell: (run) => <Known value={run.reason} reason={t('common.unknown')}>{(reason) => <KnownText text={reason} rules={reasonRules(t, f)} />}</Known> },
        { key: 'took', header: t('models.took'), end: true, nowrap: true, cell: (run) => <Known value={run.endedAt} reason={t('models.outcome.running')}>{(endedAt) => <span className="number">{f.duration(Math.max(1, (Date.parse(endedAt) - Date.parse(run.startedAt)) / 1_000))}</span>}</Known> },
      ]}
    />
  );
}
