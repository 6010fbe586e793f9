import type { Tariff } from '@csms/contracts/http/index';
import { Button, Modal, NumberInput, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createTariff, meQuery, sitesQuery, tariffsQuery } from '../api/queries.ts';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Answer, FirstUse, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { useCan, useFormats } from '../use-formats.tsx';

export function Tariffs() {
  const { t } = useTranslation();
  const can = useCan();
  const [adding, setAdding] = useState(false);
  const tariffs = useQuery(tariffsQuery);
  return (
    <>
      <PageHead title={t('nav.tariffs')}><Button disabled={!can('admin')} title={can('admin') ? undefined : t('common.needsAdmin')} onClick={() => setAdding(true)}>{t('tariffs.add')}</Button></PageHead>
      <Card flush={(tariffs.data?.items.length ?? 0) > 0}>
        <Answer query={tariffs} skeleton={<SkeletonRows rows={4} />}>{(data) => (data.items.length === 0 ? <FirstUse title={t('tariffs.firstTitle')} detail={t('tariffs.firstDetail')} /> : <TariffTable items={data.items} />)}</Answer>
      </Card>
      {adding && <AddTariff onClose={() => setAdding(false)} />}
    </>
  );
}

function TariffTable({ items }: { items: Tariff[] }) {
  const { t } = useTranslation();
  const f = useFormats();
  const now = useNow();
  const sites = useQuery(sitesQuery);
  const siteName = (id: string | null): string => (id === null ? t('tariffs.allSites') : sites.data?.items.find((site) => site.id === id)?.displayName ?? '');
  const since = (at: string): string => `${f.dateWithYear(at)} ${f.timeWithZone(at)}`;
  const state = (tariff: Tariff) => {
    if (Date.parse(tariff.validFrom) > now) return <span className="badge">{t('tariffs.planned', { time: since(tariff.validFrom) })}</span>;
    if (tariff.validUntil !== null && Date.parse(tariff.validUntil) <= now) return <span className="badge">{t('tariffs.ended', { time: since(tariff.validUntil) })}</span>;
    return <span className="badge strong">{t('tariffs.current')}</span>;
  };
  return (
    <DataTable
      label={t('nav.tariffs')} items={items} rowKey={(tariff) => tariff.id}
      columns={[
        { key: 'name', header: t('tariffs.name'), phone: 'wide', cell: (tariff) => <span className="row"><strong style={{ fontWeight: 600 }}>{tariff.name}</strong>{state(tariff)}</span> },
        { key: 'site', header: t('tariffs.site'), cell: (tariff) => siteName(tariff.siteId) },
        { key: 'from', header: t('tariffs.validFrom'), nowrap: true, cell: (tariff) => <span className="number">{since(tariff.validFrom)}</span> },
        { key: 'energy', header: t('tariffs.energy'), end: true, nowrap: true, cell: (tariff) => <span className="number">{f.money(tariff.energyPerKwhMinor, tariff.currency)}</span> },
        { key: 'fee', header: t('tariffs.fee'), end: true, nowrap: true, cell: (tariff) => <span className="number">{f.money(tariff.sessionFeeMinor, tariff.currency)}</span> },
        { key: 'idle', header: t('tariffs.idle'), end: true, nowrap: true, cell: (tariff) => <span className="number">{f.money(tariff.idlePerMinuteMinor, tariff.currency)}</span> },
        { key: 'grace', header: t('tariffs.grace'), end: true, nowrap: true, cell: (tariff) => t('tariffs.graceMinutes', { count: tariff.idleGraceMinutes }) },
      ]}
    />
  );
}

function AddTariff({ onClose }: { onClose: () => void }) {
  const { t, i18n } = useTranslation();
  const client = useQueryClient();
  const me = useQuery(meQuery);
  const sites = useQuery(sitesQuery);
  const [name, setName] = useState('');
  const [siteId, setSiteId] = useState('');
  const [amounts, setAmounts] = useState({ energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 15 });
  const currency = me.data?.currency ?? 'IDR';
  const add = useMutation({
    mutationFn: () => createTariff({ name: name.trim(), siteId: siteId || null, currency, ...amounts, validFrom: new Date().toISOString(), validUntil: null }),
    onSuccess: async () => { await client.invalidateQueries({ queryKey: ['tariffs'] }); onClose(); },
  });
  const field = (key: keyof typeof amounts, label: string, unit: string) => (
    <NumberInput label={label} suffix={unit} min={0} allowDecimal={false} allowNegative={false} thousandSeparator={i18n.language === 'id' ? '.' : ','} decimalSeparator={i18n.language === 'id' ? ',' : '.'} value={amounts[key]} onChange={(value) => setAmounts({ ...amounts, [key]: Number(value) || 0 })} />
  );
  return (
    <Modal opened onClose={onClose} title={t('tariffs.addTitle')} centered closeButtonProps={{ 'aria-label': t('common.close') }}>
      <form className="stack" onSubmit={(event) => { event.preventDefault(); add.mutate(); }}>
        <p className="notice">{t('tariffs.addDetail')}</p>
        <TextInput label={t('tariffs.name')} required maxLength={100} value={name} onChange={(event) => setName(event.currentTarget.value)} data-autofocus />
        <Select label={t('tariffs.site')} allowDeselect={false} data={[{ value: '', label: t('tariffs.allSites') }, ...(sites.data?.items ?? []).map((site) => ({ value: site.id, label: site.displayName }))]} value={siteId} onChange={(value) => setSiteId(value ?? '')} />
        {field('energyPerKwhMinor', t('tariffs.energy'), ` ${currency}`)}
        {field('sessionFeeMinor', t('tariffs.fee'), ` ${currency}`)}
        {field('idlePerMinuteMinor', t('tariffs.idle'), ` ${currency}`)}
        {field('idleGraceMinutes', t('tariffs.graceField'), '')}
        {add.error && <ProblemMessage error={add.error} />}
        <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{t('common.cancel')}</Button><Button type="submit" loading={add.isPending} disabled={name.trim() === ''}>{t('tariffs.save')}</Button></div>
      </form>
    </Modal>
  );
}
