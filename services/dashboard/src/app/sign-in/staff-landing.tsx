import { Button, Select, TextInput } from '@mantine/core';
import { TenantPage, type Me } from '@csms/contracts/http/commerce';
import { useMutation, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { callApi } from '../api/client.ts';
import { Brand } from '../frame/brand.tsx';
import { ProblemMessage } from '../parts/data-states.tsx';
import { actFor } from './acting.ts';
import { signOut } from './sign-in.ts';

const reasonCharsMin = 5;

/** What staff of the platform sees, who has no tenant: whose books to open, and why. */
export function StaffLanding({ me }: { me: Me }) {
  const { t } = useTranslation();
  const tenants = useQuery({ queryKey: ['tenants'], queryFn: ({ signal }) => callApi(TenantPage, '/tenants?limit=500', { signal }) });
  const [tenant, setTenant] = useState<string | null>(null);
  const [role, setRole] = useState('viewer');
  const [reason, setReason] = useState('');
  const act = useMutation({ mutationFn: actFor });
  return (
    <main className="landing">
      <form className="box" onSubmit={(event) => { event.preventDefault(); if (tenant !== null) act.mutate({ tenant, role, reason }); }}>
        <Brand />
        <div><h1>{t('acting.title')}</h1><p className="muted">{t('acting.lead', { name: me.name ?? me.subject })}</p></div>
        {tenants.error && <ProblemMessage error={tenants.error} onRetry={() => void tenants.refetch()} />}
        <Select label={t('acting.tenant')} data={(tenants.data?.items ?? []).map(({ id, displayName }) => ({ value: id, label: displayName === id ? id : `${displayName} (${id})` }))} value={tenant} onChange={setTenant} searchable required />
        <Select label={t('acting.role')} data={(['viewer', 'operator', 'admin'] as const).map((each) => ({ value: each, label: t(`top.role.${each}`) }))} value={role} onChange={(value) => setRole(value ?? 'viewer')} allowDeselect={false} />
        <TextInput label={t('acting.reason')} description={t('acting.reasonHint')} value={reason} onChange={(event) => setReason(event.currentTarget.value)} minLength={reasonCharsMin} maxLength={500} required />
        {act.error && <ProblemMessage error={act.error} onRetry={() => act.reset()} />}
        <Button type="submit" loading={act.isPending} disabled={tenant === null || reason.trim().length < reasonCharsMin}>{t('acting.begin')}</Button>
        <Button variant="subtle" onClick={() => void signOut()}>{t('top.signOut')}</Button>
      </form>
    </main>
  );
}
