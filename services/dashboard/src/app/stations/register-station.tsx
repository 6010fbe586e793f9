import { Button, Modal, Select, TextInput } from '@mantine/core';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { createStation, sitesQuery } from '../api/queries.ts';
import { CopyLine, ProblemMessage } from '../parts/data-states.tsx';
import { useSiteId } from '../site-choice.ts';

/** Registers a station (one that knocked, or a new one) and shows its password, which the books keep only as a digest, this once. */
export function RegisterStation({ identity: knocked, onClose }: { identity: string; onClose: () => void }) {
  const { t } = useTranslation();
  const client = useQueryClient();
  const sites = useQuery(sitesQuery);
  const chosen = useSiteId();
  const items = sites.data?.items ?? [];
  const [identity, setIdentity] = useState(knocked);
  const [site, setSite] = useState<string | null>(null);
  const siteId = site ?? chosen ?? items[0]?.id ?? null;
  const register = useMutation({
    mutationFn: (body: { siteId: string; identity: string }) => createStation(body),
    onSuccess: () => { for (const key of ['stations', 'knocking', 'overview', 'sites']) void client.invalidateQueries({ queryKey: [key] }); },
  });
  return (
    <Modal opened onClose={onClose} title={t('stations.registerTitle')} centered size={520} closeOnClickOutside={!register.data} closeButtonProps={{ 'aria-label': t('common.close') }}>
      {register.data ? (
        <div className="stack">
          <p className="notice">{t('stations.passwordOnce', { station: register.data.station.identity })}</p>
          {([['stations.address', register.data.credential.url], ['stations.username', register.data.credential.username], ['stations.password', register.data.credential.password]] as const).map(([label, value]) => <div key={label}><div className="small muted">{t(label)}</div><CopyLine text={value} /></div>)}
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button onClick={onClose}>{t('common.close')}</Button></div>
        </div>
      ) : (
        <form className="stack" onSubmit={(event) => { event.preventDefault(); if (siteId !== null) register.mutate({ siteId, identity: identity.trim() }); }}>
          <TextInput label={t('stations.identity')} description={t('stations.identityHint')} required maxLength={48} value={identity} onChange={(event) => setIdentity(event.currentTarget.value)} data-autofocus />
          <Select label={t('stations.site')} allowDeselect={false} data={items.map((each) => ({ value: each.id, label: each.displayName }))} value={siteId} onChange={setSite} />
          {register.error && <ProblemMessage error={register.error} />}
          <div className="row" style={{ justifyContent: 'flex-end' }}><Button variant="default" onClick={onClose}>{t('common.cancel')}</Button><Button type="submit" loading={register.isPending} disabled={identity.trim() === '' || siteId === null}>{t('stations.register')}</Button></div>
        </form>
      )}
    </Modal>
  );
}
