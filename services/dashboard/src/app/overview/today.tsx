import type { Overview } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { useMemo, type ReactNode } from 'react';
import { createFormats, quantityText } from '../formats.ts';
import { useNow } from '../live/use-now.ts';
import { Value } from '../parts/values.tsx';
import { useFormats } from '../use-formats.tsx';

/** Today's kWh, rupiah and ended sessions (and how many still run) beside yesterday's whole day, and the hours as bars. */
export function Today({ data }: { data: Overview }) {
  const { t } = useTranslation();
  const f = useFormats();
  const items: { name: string; now: ReactNode; before: string; also?: string }[] = [
    { name: t('overview.energy'), now: <Value quantity={f.energy(data.today.energyWh)} live />, before: quantityText(f.energy(data.yesterday.energyWh)) },
    { name: t('overview.revenue'), now: <Value quantity={{ value: f.money(data.today.totalMinor, data.currency), unit: '' }} live />, before: f.money(data.yesterday.totalMinor, data.currency) },
    { name: t('overview.sessions'), now: <Value quantity={{ value: f.number(data.today.sessions), unit: t('overview.ended') }} live />, before: f.number(data.yesterday.sessions), also: t('overview.running', { number: f.number(data.activeSessions) }) },
  ];
  return (
    <div className="today">
      {items.map((item) => <div key={item.name}><div className="name">{item.name}</div><div className="figure">{item.now}</div><div className="sub number">{item.also !== undefined && `${item.also} · `}{t('common.yesterday', { value: item.before })}</div></div>)}
      <HourBars data={data} />
    </div>
  );
}

function HourBars({ data }: { data: Overview }) {
  const { t } = useTranslation();
  const { language } = useFormats();
  const f = useMemo(() => createFormats(language, data.timeZone), [language, data.timeZone]);
  const now = useNow();
  const fromMs = Date.parse(data.today.from);
  const byHour = new Map(data.today.hourlyEnergy.map((point) => [Math.round((Date.parse(point.at) - fromMs) / 3_600_000), point.energyWh]));
  const max = Math.max(1, ...byHour.values());
  const currentHour = Math.floor((now - fromMs) / 3_600_000);
  const hours = Array.from({ length: 24 }, (_, hour) => ({ hour, wh: byHour.get(hour) ?? 0 }));
  return (
    <div className="bars-box">
      <svg className="bars" viewBox="0 0 240 64" preserveAspectRatio="none" aria-hidden="true">
        {hours.map(({ hour, wh }) => {
          const height = hour > currentHour ? 0 : Math.max(1.5, (wh / max) * 62);
          return <rect key={hour} className={wh === 0 ? 'none' : undefined} x={hour * 10 + 1} width={8} y={64 - height} height={height} />;
        })}
      </svg>
      <div className="spread small muted number"><span>{f.time(fromMs)}</span><span>{f.time(fromMs + 12 * 3_600_000)}</span><span>{f.time(fromMs + 24 * 3_600_000)}</span></div>
      <table className="visually-hidden"><caption>{t('overview.hourly')}</caption><tbody>{hours.filter(({ hour }) => hour <= currentHour).map(({ hour, wh }) => <tr key={hour}><th scope="row">{f.time(fromMs + hour * 3_600_000)}</th><td>{quantityText(f.energy(wh))}</td></tr>)}</tbody></table>
    </div>
  );
}
