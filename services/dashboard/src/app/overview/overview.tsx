import type { Overview as OverviewData, Station } from '@csms/contracts/http/index';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { Skeleton } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { overviewQuery, sitesQuery, stationsQuery } from '../api/queries.ts';
import { createFormats, quantityText } from '../formats.ts';
import { ZoneNote } from '../frame/frame.tsx';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Answer, FirstUse, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { StatusShape } from '../parts/status-shape.tsx';
import { Value } from '../parts/values.tsx';
import { useSiteId, useTo } from '../site-choice.ts';
import type { StatusKey } from '../status.ts';
import { useFormats } from '../use-formats.tsx';
import { Attention } from './attention.tsx';
import { countConnectors } from './connector-counts.ts';
import { ForecastCard } from './forecast-card.tsx';
import { StationTiles } from './station-tiles.tsx';
import { Today } from './today.tsx';

/** The first screen: what is now, what needs someone, what today brought, what the next day brings. */
export function Overview() {
  const { t } = useTranslation();
  const siteId = useSiteId();
  const to = useTo();
  const overview = useQuery(overviewQuery(siteId));
  const sites = useQuery(sitesQuery);
  const stations = useInfiniteQuery(stationsQuery({ siteId }));
  const site = sites.data?.items.find((each) => each.id === siteId);
  if (sites.data?.items.length === 0) {
    return <><PageHead title={t('overview.title')} /><Card><FirstUse title={t('overview.firstTitle')} detail={t('overview.firstDetail')} command="kubectl apply -f examples/bandung-01.yaml" /></Card></>;
  }
  if (overview.error && !overview.data) return <><PageHead title={site?.displayName ?? t('overview.title')} /><Card><ProblemMessage error={overview.error} onRetry={() => { void overview.refetch(); void stations.refetch(); void sites.refetch(); }} /></Card></>;
  const list = stations.data?.pages.flatMap((page) => page.items);
  return (
    <>
      <div className="overview">
      <PageHead title={site?.displayName ?? t('overview.title')} sub={<>{site?.address ? `${site.address} · ` : ''}{siteId === null && overview.data ? <DayNote timeZone={overview.data.timeZone} /> : <ZoneNote siteId={siteId} />}</>} />
      <Card className="data now-card" flush><Answer query={overview} skeleton={<NowSkeleton />}>{(data) => <Now data={data} stations={list && !stations.hasNextPage ? list : null} />}</Answer></Card>
      <div className="overview-grid">
        <div className="stack">
          <Card title={t('overview.today')} className="data today-card"><Answer query={overview} skeleton={<Skeleton height={76} radius={4} />}>{(data) => <Today data={data} />}</Answer></Card>
          <ForecastCard />
        </div>
        <Card title={t('overview.attention')} flush className="data attention-card"><Answer query={overview} skeleton={<SkeletonRows rows={4} height={32} />}>{(data) => <Attention data={data} stations={list ?? []} />}</Answer></Card>
      </div>
      <Card title={t('overview.stations')} flush aside={<Link className="link small" to={to('/stations')}>{t('overview.allStations')}</Link>} className="data stations-card">
        {list ? list.length === 0 ? <FirstUse title={t('stations.firstTitle')} detail={t('stations.firstDetail')} command="npx csmsctl ports"><Link className="link" to={to('/stations')}>{t('stations.register')}</Link></FirstUse> : <StationTiles stations={list.slice(0, 24)} /> : <SkeletonRows rows={4} height={28} />}
      </Card>
      </div>
    </>
  );
}

/** Over all sites "today" is the day of one of them: whose, and in which zone. */
function DayNote({ timeZone }: { timeZone: string }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const sites = useQuery(sitesQuery);
  const site = sites.data?.items.find((each) => each.timeZone === timeZone);
  const zone = createFormats(language, timeZone).zone(Date.now());
  return <>{site ? t('overview.dayOf', { site: site.displayName, zone }) : t('overview.dayOfZone', { zone })}</>;
}

/** Five cells of the height of the real ones. */
function NowSkeleton() {
  return <div className="now">{[0, 1, 2, 3, 4].map((each) => <div key={each}><Skeleton height={14} my={3} width="60%" /><Skeleton height={26} my={5} width="30%" /><Skeleton height={10} my={3} width="70%" /></div>)}</div>;
}

function Now({ data, stations }: { data: OverviewData; stations: Station[] | null }) {
  const { t } = useTranslation();
  const f = useFormats();
  const now = useNow();
  const to = useTo();
  const longest = (kinds: OverviewData['attention'][number]['kind'][]): string => {
    const since = data.attention.filter((each) => kinds.includes(each.kind)).map((each) => each.since).sort()[0];
    return since === undefined ? '' : t('overview.longest', { duration: f.duration((now - Date.parse(since)) / 1_000) });
  };
  // Figures and words come from the stations themselves where all of them are here, else the figures alone from the server.
  const connectors = stations === null ? { ...data.connectors, others: [] } : countConnectors(stations);
  const named = connectors.others.slice(0, connectors.others.length > 3 ? 2 : 3);
  const unnamed = connectors.other - named.reduce((sum, [, count]) => sum + count, 0);
  const others = [...named.map(([key, count]) => `${f.number(count)} ${t(`status.${key}`).toLowerCase()}`), ...(named.length > 0 && unnamed > 0 ? [t('overview.otherMore', { number: f.number(unnamed) })] : [])].join(', ');
  const ofConnectors = t('overview.ofConnectors', { count: connectors.total });
  const cells: { status: StatusKey | null; name: string; figure: number; detail: string; filter: string }[] = [
    { status: 'charging', name: t('overview.charging'), figure: connectors.charging, detail: t('overview.drawing', { power: quantityText(f.power(data.powerNowW)) }), filter: 'Charging' },
    { status: 'available', name: t('overview.free'), figure: connectors.available, detail: ofConnectors, filter: 'Available' },
    { status: null, name: t('overview.otherStates'), figure: connectors.other, detail: others === '' ? ofConnectors : others, filter: '' },
    { status: 'faulted', name: t('overview.faulted'), figure: connectors.faulted, detail: (connectors.faulted > 0 && longest(['connector-faulted', 'station-faulted'])) || ofConnectors, filter: 'Faulted' },
    { status: 'offline', name: t('overview.offline'), figure: data.stations.offline, detail: data.stations.offline === 0 ? t('overview.ofStations', { count: data.stations.total }) : longest(['station-offline']) || t('overview.ofStations', { count: data.stations.total }), filter: 'Offline' },
  ];
  return (
    <div className="now-frame" role="group" aria-label={t('overview.now')}>
      <div className="now">
        {cells.map((cell) => (
          <div key={cell.name}>
            <Link className="status" style={{ textDecoration: 'none' }} to={to(`/stations${cell.filter === '' ? '' : `?status=${cell.filter}`}`)}>{cell.status && <StatusShape status={cell.status} />}<span>{cell.name}</span></Link>
            <span className="figure"><Value quantity={{ value: f.number(cell.figure), unit: '' }} live /></span>
            <span className="small muted number">{cell.detail || '\u00a0'}</span>
          </div>
        ))}
      </div>
    </div>
  );
}
