import type { Station } from '@csms/contracts/http/index';
import { Button, Select, TextInput } from '@mantine/core';
import { useDebouncedCallback } from '@mantine/hooks';
import { keepPreviousData, useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useSearchParams } from 'react-router';
import { knockingQuery, sitesQuery, stationsQuery } from '../api/queries.ts';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { FirstUse, NoMatch, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { connectorStatus, powerNowW, speakerOf, stationStatus, StatusLabel, useConnectorReason } from '../parts/status-label.tsx';
import { StatusShape } from '../parts/status-shape.tsx';
import { Unknown, Value } from '../parts/values.tsx';
import { useFilter, useSiteId, useTo } from '../site-choice.ts';
import { byUrgency } from '../status.ts';
import { useCan, useFormats, useSiteFormats } from '../use-formats.tsx';

const RegisterStation = lazy(() => import('./register-station.tsx').then((module) => ({ default: module.RegisterStation })));

/** The words the API filters by, in the order of the status table. */
const filterStatuses = [['Available', 'available'], ['Preparing', 'preparing'], ['Charging', 'charging'], ['SuspendedEV', 'suspended-ev'], ['SuspendedEVSE', 'suspended-evse'], ['Finishing', 'finishing'], ['Reserved', 'reserved'], ['Unavailable', 'unavailable'], ['Faulted', 'faulted'], ['Offline', 'offline']] as const;

export function Stations() {
  const { t } = useTranslation();
  const to = useTo();
  const can = useCan();
  const siteId = useSiteId();
  const [registering, setRegistering] = useState<string | null>(null);
  const [status, setStatus] = useFilter('status');
  const [search, setSearch] = useFilter('search');
  const [, setParams] = useSearchParams();
  const sites = useQuery(sitesQuery);
  const stations = useInfiniteQuery({ ...stationsQuery({ siteId, status, search }), placeholderData: keepPreviousData });
  const items = stations.data?.pages.flatMap((page) => page.items) ?? [];
  const filters = [
    ...(search ? [t('stations.filterNameSearch', { value: search })] : []),
    ...(status ? [t('stations.filterNameStatus', { value: t(`status.${filterStatuses.find(([word]) => word === status)?.[1] ?? 'unknown'}`) })] : []),
    ...(siteId ? [t('stations.filterNameSite')] : []),
  ];
  const clear = (): void => setParams(new URLSearchParams());
  return (
    <>
      <PageHead title={t('stations.title')} sub={stations.data && !stations.hasNextPage ? t('stations.count', { count: items.length }) : '\u00a0'}>
        <div className="filters">
          <SearchField value={search} onChange={setSearch} />
          <Select aria-label={t('stations.filterStatus')} data={[{ value: '', label: t('stations.filterAll') }, ...filterStatuses.map(([word, key]) => ({ value: word, label: t(`status.${key}`) }))]} value={status ?? ''} allowDeselect={false} onChange={(value) => setStatus(value)} />
          <Button disabled={!can('admin')} title={can('admin') ? undefined : t('common.needsAdmin')} onClick={() => setRegistering('')}>{t('stations.register')}</Button>
        </div>
      </PageHead>
      <Knocking onRegister={setRegistering} />
      <Card flush={items.length > 0}>
        {stations.data === undefined
          ? stations.error ? <ProblemMessage error={stations.error} onRetry={() => void stations.refetch()} /> : <SkeletonRows rows={8} />
          : items.length > 0 ? <StationTable items={items} manySites={(sites.data?.items.length ?? 0) > 1} to={to} />
            : filters.length > 0 ? <NoMatch filters={filters} onClear={clear} />
              : <FirstUse title={t('stations.firstTitle')} detail={t('stations.firstDetail')} command="npx csmsctl ports" />}
        {stations.hasNextPage && <div className="more-row"><Button variant="default" loading={stations.isFetchingNextPage} onClick={() => void stations.fetchNextPage()}>{t('common.more')}</Button></div>}
      </Card>
      {registering !== null && <Suspense><RegisterStation identity={registering} onClose={() => setRegistering(null)} /></Suspense>}
    </>
  );
}

function SearchField({ value, onChange }: { value: string | null; onChange: (value: string | null) => void }) {
  const { t } = useTranslation();
  const [text, setText] = useState(value ?? '');
  const [find, setFind] = useFilter('find');
  const field = useRef<HTMLInputElement>(null);
  const later = useDebouncedCallback(onChange, 250);
  useEffect(() => setText(value ?? ''), [value]);
  useEffect(() => { if (find !== null) { field.current?.focus(); setFind(null); } }, [find, setFind]);
  return <TextInput ref={field} type="search" aria-label={t('stations.search')} placeholder={t('stations.search')} value={text} onChange={(event) => { setText(event.currentTarget.value); later(event.currentTarget.value.trim() || null); }} />;
}

function StationTable({ items, manySites, to }: { items: Station[]; manySites: boolean; to: (path: string) => string }) {
  const { t } = useTranslation();
  const formats = useSiteFormats();
  const now = useNow();
  const reason = useConnectorReason();
  const columns: Column<Station>[] = [
    { key: 'identity', header: t('stations.identity'), phone: 'title', cell: (s) => <><Link className="link" style={{ fontWeight: 600 }} to={to(`/stations/${s.id}`)}>{s.identity}</Link>{s.displayName !== null && <div className="sub">{s.displayName}</div>}</> },
    { key: 'connectors', header: t('stations.connectors'), phone: 'end', cell: (s) => <span className={s.connectors.length > 1 ? 'row' : 'row alone'}>{s.connectors.map((c) => { const key = connectorStatus(s, c); return <span key={`${c.evseId}-${c.connectorId}`} role="img" title={t(`status.${key}`)} aria-label={t(`status.${key}`)}><StatusShape status={key} /></span>; })}</span> },
    { key: 'status', header: t('stations.status'), phone: 'wide', cell: (s) => <><StatusLabel status={stationStatus(s)} /><div className="sub">{worstReason(s, reason, s.lastSeenAt === null ? t('statusBeside.offlineNever') : t('statusBeside.unknown'))}</div></> },
    { key: 'power', header: t('stations.power'), end: true, cell: (s) => <Power station={s} /> },
    ...(manySites ? [{ key: 'site', header: t('stations.site'), phone: 'hidden', cell: (s: Station) => s.siteName } satisfies Column<Station>] : []),
    { key: 'version', header: t('stations.version'), phone: 'hidden', nowrap: true, cell: (s) => (s.ocppVersion === null ? <Unknown reason={t('statusBeside.offlineNever')} /> : s.ocppVersion.replace('ocpp', '')) },
    { key: 'seen', header: t('stations.lastSeen'), end: true, nowrap: true, cell: (s) => (s.lastSeenAt === null ? <Unknown reason={t('statusBeside.offlineNever')} /> : <span className="number">{formats.of(s.siteId).age(s.lastSeenAt, now)}</span>) },
  ];
  return <DataTable label={t('stations.title')} columns={columns} items={items} rowKey={(s) => s.id} rowTo={(s) => to(`/stations/${s.id}`)} />;
}

/** The reason of the connector that speaks for the station. */
function worstReason(station: Station, reason: ReturnType<typeof useConnectorReason>, never: string): string {
  const speaker = speakerOf(station) ?? [...station.connectors].sort((a, b) => byUrgency(connectorStatus(station, a), connectorStatus(station, b)))[0];
  return speaker ? reason(station, speaker) : never;
}

function Power({ station }: { station: Station }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (!station.online) return <Unknown reason={t('status.offline')} />;
  const taken = station.connectors.filter((connector) => connector.session !== null);
  if (taken.length === 0) return <Unknown reason={t('station.noSession')} />;
  const charging = taken.filter((connector) => connectorStatus(station, connector) === 'charging');
  if (charging.length === 0) return <Unknown reason={t(`status.${stationStatus(station)}`)} />;
  const powers = charging.map((connector) => powerNowW(station, connector));
  if (powers.every((power) => power === null)) return <Unknown reason={t('sessions.noPower')} />;
  return <Value quantity={f.power(powers.reduce<number>((sum, power) => sum + (power ?? 0), 0))} live />;
}

/** Stations that nobody registered, or whose password is wrong; only an operator may see them. */
function Knocking({ onRegister }: { onRegister: (identity: string) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const f = useFormats();
  const now = useNow();
  const knocking = useQuery({ ...knockingQuery, enabled: can('operator') });
  const items = knocking.data?.items ?? [];
  if (items.length === 0) return null;
  return (
    <Card title={t('stations.knocking')} flush aside={<span className="muted">{t('stations.knockingDetail')}</span>}>
      <DataTable
        label={t('stations.knocking')} items={items} rowKey={(knock) => knock.identity}
        columns={[
          { key: 'identity', header: t('stations.identity'), phone: 'wide', cell: (knock) => <strong style={{ fontWeight: 600 }}>{knock.identity}</strong> },
          { key: 'reason', header: t('stations.knockingReason'), phone: 'wide', cell: (knock) => <><span lang="en">{knock.reason}</span><div className="sub">{[knock.remoteAddress, knock.ocppVersion].filter(Boolean).join(', ')}</div></> },
          { key: 'attempts', header: t('stations.tries'), end: true, nowrap: true, cell: (knock) => t('stations.attempts', { count: knock.attempts }) },
          { key: 'last', header: t('stations.knockingLast'), end: true, nowrap: true, cell: (knock) => <span className="number">{f.age(knock.lastSeenAt, now)}</span> },
          { key: 'register', header: '', end: true, action: true, phone: 'wide', cell: (knock) => <Button size="compact-sm" variant="default" disabled={!can('admin')} title={can('admin') ? undefined : t('common.needsAdmin')} aria-label={`${t('stations.register')} ${knock.identity}`} onClick={() => onRegister(knock.identity)}>{t('stations.register')}</Button> },
        ]}
      />
    </Card>
  );
}
