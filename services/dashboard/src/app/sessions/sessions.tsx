import { Button, SegmentedControl, Select } from '@mantine/core';
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query';
import { useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { sessionsQuery } from '../api/queries.ts';
import { ZoneNote } from '../frame/frame.tsx';
import { Card, PageHead } from '../parts/card.tsx';
import { FirstUse, NoMatch, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { useFilter, useSiteId } from '../site-choice.ts';
import { SessionTable } from './session-table.tsx';

const states = ['active', 'ended', 'lost-stop'] as const;
const ranges = { '24h': 86_400_000, '7d': 7 * 86_400_000, all: null } as const;
type Range = keyof typeof ranges;
const isRange = (text: string | null): text is Range => text !== null && text in ranges;

export function Sessions() {
  const { t } = useTranslation();
  const siteId = useSiteId();
  const [state, setState] = useFilter('state');
  const [rangeText, setRange] = useFilter('range');
  const [, setParams] = useSearchParams();
  const range: Range = isRange(rangeText) ? rangeText : 'all';
  // The beginning of a range moves by the minute, or the question would be a new one at each draw.
  const from = useMemo(() => { const length = ranges[range]; return length === null ? null : new Date(Math.floor((Date.now() - length) / 60_000) * 60_000).toISOString(); }, [range]);
  const sessions = useInfiniteQuery({ ...sessionsQuery({ siteId, state, from }), placeholderData: keepPreviousData });
  const items = sessions.data?.pages.flatMap((page) => page.items) ?? [];
  const filters = [
    ...(state ? [t('sessions.filterNameState', { value: t(`sessions.stateName.${states.find((each) => each === state) ?? 'active'}`) })] : []),
    ...(range === 'all' ? [] : [t('sessions.filterNameRange', { value: t(`sessions.ranges.${range}`) })]), ...(siteId ? [t('stations.filterNameSite')] : []),
  ];
  return (
    <>
      <PageHead title={t('sessions.title')} sub={<ZoneNote />}>
        <div className="filters">
          <SegmentedControl aria-label={t('sessions.range')} value={range} onChange={(value) => setRange(value === 'all' ? null : value)} data={(['24h', '7d', 'all'] as const).map((each) => ({ value: each, label: t(`sessions.ranges.${each}`) }))} />
          <Select aria-label={t('sessions.filterState')} data={[{ value: '', label: t('stations.filterAll') }, ...states.map((each) => ({ value: each, label: t(`sessions.stateName.${each}`) }))]} value={state ?? ''} allowDeselect={false} onChange={setState} />
        </div>
      </PageHead>
      <Card flush={items.length > 0}>
        {sessions.data === undefined
          ? sessions.error ? <ProblemMessage error={sessions.error} onRetry={() => void sessions.refetch()} /> : <SkeletonRows rows={10} />
          : items.length > 0 ? <SessionTable sessions={items} withStation />
            : filters.length > 0 ? <NoMatch filters={filters} onClear={() => setParams(new URLSearchParams())} />
              : <FirstUse title={t('sessions.firstTitle')} detail={t('sessions.firstDetail')} command="npx csmsctl station command CP_111 remote-start --token 04A1B2C3 --wait" />}
        {sessions.hasNextPage && <div className="more-row"><Button variant="default" loading={sessions.isFetchingNextPage} onClick={() => void sessions.fetchNextPage()}>{t('common.more')}</Button></div>}
      </Card>
    </>
  );
}
