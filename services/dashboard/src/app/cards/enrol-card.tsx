import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { acceptEnrolment, closeEnrolment, enrolmentQuery, openEnrolment, stationsQuery } from '../api/queries.ts';
import { ProblemMessage } from '../parts/data-states.tsx';

/** Reads a card at a station: a window of a minute, the card that was held to it, and whose it is to be. */
export function EnrolCard({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const stations = useInfiniteQuery(stationsQuery({ siteId: null }));
  const here = (stations.data?.pages.flatMap((page) => page.items) ?? []).filter((station) => station.online);
  const [stationId, setStationId] = useState<string | null>(null);
  const [driverName, setDriverName] = useState('');
  const open = useMutation({ mutationFn: (id: string) => openEnrolment(id) });
  // Looked at until it ends: a lost event must not leave somebody before a reader that is silent.
  const looked = useQuery({ ...enrolmentQuery(open.data?.id ?? ''), enabled: open.data !== undefined, refetchInterval: (query) => ((query.state.data?.state ?? 'open') === 'open' ? 1_000 : false) });
  const enrolment = looked.data ?? open.data;
  const state = enrolment?.state;
  const leave = (): void => {
    if (enrolment !== undefined && (state === 'open' || state === 'offered')) closeEnrolment(enrolment.id).catch(() => undefined);
    onClose();
  };
  const accept = useMutation({
    mutationFn: (id: string) => acceptEnrolment(id, { driverName: driverName.trim() || null }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['tokens'] }); onClose(); },
  });
  const error = open.error ?? looked.error ?? accept.error;
  return (
    <Modal opened onClose={leave} title={t('cards.enrolTitle')} centered closeOnClickOutside={state === undefined} closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); if (state === 'offered' && enrolment) accept.mutate(enrolment.id); else if (stationId !== null) open.mutate(stationId); }}>
        <Select label={t('cards.enrolStation')} description={here.length === 0 && stations.data ? t('cards.enrolNone') : undefined} searchable disabled={state === 'open' || state === 'offered'} data={here.map((station) => ({ value: station.id, label: station.displayName ?? station.identity }))} value={stationId} onChange={setStationId} data-autofocus />
        {enrolment && <p className="notice" role="status">{state === 'offered' ? t('cards.enrolSeen', { uid: enrolment.uidMasked }) : state === 'open' ? t('cards.enrolWait', { station: enrolment.stationIdentity }) : t('cards.enrolOver')}</p>}
        {state === 'offered' && <TextInput label={t('cards.driver')} description={t('cards.driverHint')} maxLength={100} value={driverName} onChange={(event) => setDriverName(event.currentTarget.value)} />}
        {error && <ProblemMessage error={error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}>
          <Button variant="default" onClick={leave}>{t('common.cancel')}</Button>
          {state === 'offered' ? <Button type="submit" loading={accept.isPending}>{t('cards.add')}</Button> : <Button type="submit" loading={open.isPending || state === 'open'} disabled={stationId === null}>{t('cards.enrolStart')}</Button>}
        </div>
      </form>
    </Modal>
  );
}
