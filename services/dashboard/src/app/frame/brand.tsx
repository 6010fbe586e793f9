import { useTranslation } from 'react-i18next';

export function Brand() {
  const { t } = useTranslation();
  return (
    <span className="row">
      <svg width="28" height="28" viewBox="0 0 32 32" aria-hidden="true"><rect width="32" height="32" rx="7" fill="var(--ink)" /><path d="M17.6 5 8.5 18h6.2L13 27l10-14h-6.6z" fill="var(--surface)" /></svg>
      <span className="label">{t('app.name')}</span>
    </span>
  );
}
