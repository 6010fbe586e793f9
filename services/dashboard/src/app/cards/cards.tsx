import { Token } from '@csms/contracts/http/commerce';
import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useInfiniteQuery, useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { createToken, setTokenStatus, tokensQuery } from '../api/queries.ts';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { FirstUse, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { useCan, useFormats } from '../use-formats.tsx';
import { EnrolCard } from './enrol-card.tsx';

type TokenRow = z.infer<typeof Token>;
const kinds = ['rfid', 'app', 'vehicle', 'central'] as const;

export function Cards() {
  const { t } = useTranslation();
  const f = useFormats();
  const now = useNow();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const [enrolling, setEnrolling] = useState(false);
  const [changing, setChanging] = useState<TokenRow | null>(null);
  const tokens = useInfiniteQuery(tokensQuery);
  const items = tokens.data?.pages.flatMap((page) => page.items) ?? [];
  return (
    <>
      <PageHead title={t('nav.cards')}><div className="row"><Button variant="default" disabled={!can('admin')} title={can('admin') ? undefined : t('common.needsAdmin')} onClick={() => setEnrolling(true)}>{t('cards.enrol')}</Button><Button disabled={!can('admin')} title={can('admin') ? undefined : t('common.needsAdmin')} onClick={() => setAdding(true)}>{t('cards.add')}</Button></div></PageHead>
      <Card flush={items.length > 0}>
        {tokens.data === undefined
          ? tokens.error ? <ProblemMessage error={tokens.error} onRetry={() => void tokens.refetch()} /> : <SkeletonRows rows={8} />
          : items.length === 0 ? <FirstUse title={t('cards.firstTitle')} detail={t('cards.firstDetail')} command="npx csmsctl station command CP_111 remote-start --token 04A1B2C3 --wait" /> : (
            <DataTable
              label={t('nav.cards')} items={items} rowKey={(token) => token.id}
              columns={[
                { key: 'uid', header: t('cards.uid'), phone: 'wide', nowrap: true, cell: (token) => <span className="mono" style={{ fontSize: 14 }}>{token.uidMasked}</span> },
                { key: 'driver', header: t('cards.driver'), cell: (token) => token.driverName ?? <span className="muted">{t('cards.noName')}</span> },
                { key: 'kind', header: t('cards.kind'), cell: (token) => t(`cards.kindName.${token.kind}`) },
                { key: 'status', header: t('cards.status'), cell: (token) => (token.status === 'blocked' ? <span className="badge bad">{t(token.blockedBy === 'driver' ? 'cards.blockedDriver' : token.blockedBy === 'group' ? 'cards.blockedGroup' : 'cards.blocked')}</span> : t('cards.active')) },
                { key: 'valid', header: t('cards.validUntil'), cell: (token) => (token.validUntil === null ? <span className="muted">{t('cards.forever')}</span> : f.moment(token.validUntil, now)) },
                { key: 'created', header: t('cards.created'), phone: 'hidden', nowrap: true, cell: (token) => <span className="number">{f.date(token.createdAt)}</span> },
                { key: 'action', header: '', end: true, action: true, phone: 'wide', cell: (token) => <Button size="compact-sm" variant="default" disabled={!can('operator') || (token.blockedBy !== null && token.blockedBy !== 'card')} title={can('operator') ? undefined : t('common.needsOperator')} aria-label={`${token.status === 'active' ? t('cards.block') : t('cards.unblock')} ${token.uidMasked}`} onClick={() => setChanging(token)}>{token.status === 'active' ? t('cards.block') : t('cards.unblock')}</Button> },
              ]}
            />
          )}
        {tokens.hasNextPage && <div className="more-row"><Button variant="default" loading={tokens.isFetchingNextPage} onClick={() => void tokens.fetchNextPage()}>{t('common.more')}</Button></div>}
      </Card>
      {adding && <AddCard onClose={() => setAdding(false)} />}
      {enrolling && <EnrolCard onClose={() => setEnrolling(false)} />}
      {changing && <ChangeStatus token={changing} onClose={() => setChanging(null)} />}
    </>
  );
}

function ChangeStatus({ token, onClose }: { token: TokenRow; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const block = token.status === 'active';
  const change = useMutation({ mutationFn: () => setTokenStatus(token.id, block ? 'blocked' : 'active'), onSuccess: async () => { await client.invalidateQueries({ queryKey: ['tokens'] }); onClose(); } });
  const names = { uid: token.uidMasked, driver: token.driverName ?? t('cards.noName') };
  const action = block ? t('cards.block') : t('cards.unblock');
  return <Confirm opened title={action} effect={block ? t('cards.confirmBlock', names) : t('cards.confirmUnblock', names)} action={action} danger={block} busy={change.isPending} onConfirm={() => change.mutate()} onClose={onClose}>{change.error && <ProblemMessage error={change.error} />}</Confirm>;
}

function AddCard({ onClose }: { onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const [uid, setUid] = useState('');
  const [driverName, setDriverName] = useState('');
  const [kind, setKind] = useState<string>('rfid');
  const add = useMutation({ mutationFn: () => createToken({ uid: uid.trim(), kind, driverName: driverName.trim() || null }), onSuccess: async () => { await client.invalidateQueries({ queryKey: ['tokens'] }); onClose(); } });
  return (
    <Modal opened onClose={onClose} title={t('cards.addTitle')} centered closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
        <TextInput label={t('cards.uid')} description={t('cards.uidHint')} required maxLength={36} value={uid} onChange={(event) => setUid(event.currentTarget.value)} data-autofocus />
        <TextInput label={t('cards.driver')} description={t('cards.driverHint')} maxLength={100} value={driverName} onChange={(event) => setDriverName(event.currentTarget.value)} />
        <Select label={t('cards.kind')} allowDeselect={false} data={kinds.map((each) => ({ value: each, label: t(`cards.kindName.${each}`) }))} value={kind} onChange={(value) => setKind(value ?? 'rfid')} />
        {add.error && <ProblemMessage error={add.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{t('common.cancel')}</Button><Button type="submit" loading={add.isPending} disabled={uid.trim() === ''}>{t('cards.add')}</Button></div>
      </form>
    </Modal>
  );
}
