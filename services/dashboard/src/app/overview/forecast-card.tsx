import type { SiteForecast } from '@csms/contracts/http/index';
import { Select, Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { forecastQuery, sitesQuery } from '../api/queries.ts';
import { ChartWithTable } from '../charts/chart-with-table.tsx';
import { quantityText, type Formats } from '../formats.ts';
import { useNow } from '../live/use-now.ts';
import { modelKind, reasonRules } from '../models/reason-rules.ts';
import { Card } from '../parts/card.tsx';
import { Answer } from '../parts/data-states.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { KnownText } from '../parts/known-text.tsx';
import { Unknown } from '../parts/values.tsx';
import { useSiteId } from '../site-choice.ts';
import { useFormats } from '../use-formats.tsx';
import { forecastHours } from './forecast-hours.ts';

const ForecastChart = lazy(() => import('../charts/forecast-chart.tsx'));

/** The 24-hour forecast of one site beside what came, with its record; or why there is none. */
export function ForecastCard() {
  const { t } = useTranslation();
  const sites = useQuery(sitesQuery);
  const chosen = useSiteId();
  const [other, setOther] = useState<string | null>(null);
  const items = sites.data?.items ?? [];
  const siteId = chosen ?? other ?? items[0]?.id ?? null;
  const aside = chosen === null && items.length > 1
    ? <Select aria-label={t('forecast.site')} size="xs" w={220} allowDeselect={false} data={items.map((site) => ({ value: site.id, label: site.displayName }))} value={siteId} onChange={setOther} />
    : undefined;
  return <Card title={t('forecast.title')} aside={aside} className="data forecast-card">{siteId === null ? <Answer query={sites} skeleton={<Skeleton height={280} radius={4} />}>{() => null}</Answer> : <ForecastOf siteId={siteId} />}</Card>;
}

function ForecastOf({ siteId }: { siteId: string }) {
  const forecast = useQuery(forecastQuery(siteId));
  const f = useFormats(siteId);
  return <Answer query={forecast} skeleton={<Skeleton height={280} radius={4} />}>{(data) => <ForecastView forecast={data} f={f} />}</Answer>;
}

export function ForecastView({ forecast, f }: { forecast: SiteForecast; f: Formats }) {
  const { t } = useTranslation();
  const now = useNow();
  const hours = useMemo(() => forecastHours(forecast), [forecast]);
  const { status } = forecast;
  return (
    <div className="stack">
      {status === 'learning' && <div className="notice"><strong>{t('forecast.learning', { count: forecast.daysOfData ?? 0 })}</strong><p className="muted">{t('forecast.learningDetail')}</p></div>}
      {status === 'none' && <div className="notice"><strong>{t('forecast.none')}</strong><p className="muted">{t('forecast.noneDetail')}</p></div>}
      {(status === 'failed' || status === 'degraded') && <div className={status === 'failed' ? 'notice danger' : 'notice'} role="note"><strong>{t(`forecast.${status}`)}</strong>{forecast.reason !== null && <p>{t('forecast.reasonIs')} <KnownText text={forecast.reason} rules={reasonRules(t, f)} /></p>}</div>}
      {hours.length > 0 && (
        <ChartWithTable
          chart={<Suspense fallback={<Skeleton height={288} radius={4} />}><ForecastChart hours={hours} f={f} nowMs={now} label={t('forecast.title')} /></Suspense>}
          table={<HoursTable hours={hours} f={f} />}
        />
      )}
      {hours.length > 0 && <Record forecast={forecast} f={f} />}
    </div>
  );
}

/** One sentence: how good the last seven days were, and who made the forecast when. */
function Record({ forecast, f }: { forecast: SiteForecast; f: Formats }) {
  const { t } = useTranslation();
  const now = useNow();
  const { maeWh, coverage80, hours } = forecast.last7Days;
  const mae = maeWh === null ? '' : quantityText(f.energy(maeWh));
  return (
    <p className="small" style={{ color: 'var(--ink-2)' }}>
      {maeWh === null || hours === 0 ? t('forecast.last7None') : coverage80 === null ? t('forecast.last7Bias', { mae }) : t('forecast.last7', { mae, coverage: f.percent(coverage80) })}
      {' '}{forecast.issuedAt !== null && forecast.model !== null && <Link className="link" to={`/models?site=${forecast.siteId}`}>{t('forecast.issued', { time: f.moment(forecast.issuedAt, now), model: modelKind(t, forecast.model.kind) })}</Link>}
    </p>
  );
}

function HoursTable({ hours, f }: { hours: SiteForecast['points']; f: Formats }) {
  const { t } = useTranslation();
  const now = useNow();
  const kwh = (wh: number): string => f.number(wh / 1_000, 1);
  return (
    <DataTable
      label={`${t('forecast.title')}, ${t('forecast.axis')}`} items={hours} rowKey={(hour) => hour.at}
      columns={[
        { key: 'hour', header: t('forecast.hour'), cell: (hour) => f.moment(hour.at, now), nowrap: true },
        { key: 'actual', header: t('forecast.actual'), end: true, cell: (hour) => (hour.actualWh === null ? <Unknown reason={t('common.unknown')} /> : kwh(hour.actualWh)) },
        { key: 'median', header: t('forecast.median'), end: true, cell: (hour) => kwh(hour.p50Wh) },
        { key: 'band', header: t('forecast.band'), end: true, cell: (hour) => `${kwh(hour.p10Wh)}–${kwh(hour.p90Wh)}`, nowrap: true },
        { key: 'usual', header: t('forecast.usual'), end: true, cell: (hour) => (hour.usualWh === null ? <Unknown reason={t('common.unknown')} /> : kwh(hour.usualWh)) },
      ]}
    />
  );
}
