import type { Me } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { stopActing } from '../sign-in/acting.ts';
import { useFormats } from '../use-formats.tsx';

/** Over every screen while staff of the platform acts for a tenant: who, why, until when, and the way out. */
export function ActingBanner({ me }: { me: Me }) {
  const { t } = useTranslation();
  const f = useFormats();
  if (me.impersonation === null) return null;
  const { staff, reason, expiresAt } = me.impersonation;
  return (
    <div className="live-banner acting-banner" role="status">
      <strong>{t('acting.banner', { staff, tenant: me.tenant ?? '' })}</strong>
      <span>{t('acting.bannerDetail', { reason, until: f.timeWithZone(Date.parse(expiresAt)) })}</span>
      <button type="button" onClick={() => void stopActing()}>{t('acting.end')}</button>
    </div>
  );
}
