import { Button } from '@mantine/core';
import { useTranslation } from 'react-i18next';
import { useSearchParams } from 'react-router';
import { Brand } from '../frame/brand.tsx';
import { chooseLanguage } from '../i18n/i18n.ts';
import { signInAddress } from './sign-in.ts';

const failures = ['unavailable', 'expired', 'refused'] as const;

/** What someone sees who is not signed in, and why the last try did not work. */
export function Landing() {
  const { t, i18n } = useTranslation();
  const [search] = useSearchParams();
  const failure = failures.find((each) => each === search.get('sign-in'));
  return (
    <main className="landing">
      <div className="box">
        <Brand />
        <div><h1>{t('signIn.title')}</h1><p className="muted">{t('signIn.lead')}</p></div>
        {failure && <div className="notice" role="alert"><strong>{t(`signIn.${failure}`)}</strong><span>{t(`signIn.${failure}Detail`)}</span></div>}
        <Button component="a" href={signInAddress()} size="md">{failure ? t('signIn.retry') : t('signIn.button')}</Button>
        <p className="muted small">{t('signIn.hint')}</p>
        <div className="row" role="group" aria-label={t('top.language')}>
          {([['id', 'Bahasa Indonesia'], ['en', 'English']] as const).map(([code, name]) => <button key={code} type="button" lang={code} className="icon-button" aria-pressed={i18n.language === code} onClick={() => chooseLanguage(code)}>{name}</button>)}
        </div>
      </div>
    </main>
  );
}
