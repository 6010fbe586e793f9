import { useTranslation } from 'react-i18next';
import { useLive } from '../live/live-context.tsx';
import { useNow } from '../live/use-now.ts';
import { useFormats } from '../use-formats.tsx';

/** After this long without the stream the figures grey: they are no longer "now". */
export const staleAfterMs = 60_000;

/** Whether the stream was lost so long ago that what the page shows must not be taken for now. */
export function useStale(): boolean {
  const live = useLive();
  const now = useNow();
  return live.state === 'lost' && live.lastHeardAtMs !== null && now - live.lastHeardAtMs > staleAfterMs;
}

/** Whether the stream lives, and the age of the last change. */
export function LivePill() {
  const { t } = useTranslation();
  const f = useFormats();
  const live = useLive();
  const now = useNow();
  const age = live.lastChangeAtMs === null ? null : f.age(live.lastChangeAtMs, now);
  const title = age === null ? t('live.noChange') : t('live.lastChange', { age });
  return <span className="live-pill" data-state={live.state} title={title}><span className="dot" aria-hidden="true" /><span>{t(`live.${live.state}`)}</span>{age !== null && <span className="age number muted">{age}</span>}</span>;
}

export function LiveBanner() {
  const { t } = useTranslation();
  const f = useFormats();
  const live = useLive();
  const now = useNow();
  if (live.state !== 'lost') return null;
  return <div className="live-banner" role="status"><strong>{t('live.bannerTitle')}</strong><span className="number">{t('live.banner', { age: f.age(live.lastHeardAtMs ?? now, now) })}</span></div>;
}
