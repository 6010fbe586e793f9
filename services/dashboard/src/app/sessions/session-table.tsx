import type { Session } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '../live/use-now.ts';
import { DataTable, type Column } from '../parts/data-table.tsx';
import { StatusLabel } from '../parts/status-label.tsx';
import { Known, Value } from '../parts/values.tsx';
import { useTo } from '../site-choice.ts';
import { useFormats, useSiteFormats } from '../use-formats.tsx';

/** Sessions as rows, with the price where there is a bill and the reason where there is none. */
export function SessionTable({ sessions, withStation }: { sessions: Session[]; withStation: boolean }) {
  const { t } = useTranslation();
  const formats = useSiteFormats();
  const f = useFormats();
  const now = useNow();
  const to = useTo();
  const columns: Column<Session>[] = [
    { key: 'started', header: t('sessions.started'), nowrap: true, phone: 'title', cell: (s) => <><Link className="link number" to={to(`/sessions/${s.id}`)}>{formats.moment(s.siteId, s.startedAt, now)}</Link></> },
    { key: 'state', header: t('sessions.state'), phone: 'end', cell: (s) => (s.state === 'active' ? <StatusLabel status={s.idleSince === null ? 'charging' : 'suspended-ev'} /> : <span className={s.state === 'lost-stop' ? 'badge bad' : undefined}>{t(`sessions.stateName.${s.state}`)}</span>) },
    ...(withStation ? [{ key: 'station', header: t('sessions.station'), cell: (s: Session) => <><Link className="link" to={to(`/stations/${s.stationId}`)}>{s.stationIdentity}</Link>{s.connectorId !== null && <div className="sub">{t('common.connector', { number: s.ocppVersion === 'ocpp1.6' || s.evseId === 0 ? s.connectorId : s.evseId })}</div>}</> } satisfies Column<Session>] : []),
    { key: 'driver', header: t('sessions.driver'), ...(withStation ? {} : { phone: 'wide' as const }), cell: (s) => <>{s.driverName ?? <span className="muted">{t('sessions.noDriver')}</span>}<div className="sub mono">{s.tokenMasked}</div></> },
    { key: 'duration', header: t('sessions.duration'), phone: 'third', end: true, nowrap: true, cell: (s) => <span className="number">{f.duration(((s.endedAt === null ? now : Date.parse(s.endedAt)) - Date.parse(s.startedAt)) / 1_000)}</span> },
    { key: 'energy', header: t('sessions.energy'), phone: 'third', end: true, nowrap: true, cell: (s) => <Known value={s.energyWh} reason={t('sessions.noEnergy')}>{(wh) => <Value quantity={f.energy(wh)} live={s.state === 'active'} />}</Known> },
    { key: 'total', header: t('sessions.total'), phone: 'third', end: true, nowrap: true, cell: (s) => <Known value={s.bill} reason={s.flags.includes('no-tariff') ? t('flag.no-tariff') : s.source === 'import' ? t('sessions.importedNoBill') : t('sessions.noBill')}>{(bill) => <><span className="number">{f.money(bill.totalMinor, bill.currency)}</span>{bill.state === 'provisional' && <div className="sub">{t('sessions.provisional')}</div>}</>}</Known> },
  ];
  return <DataTable label={t('sessions.title')} columns={columns} items={sessions} rowKey={(s) => s.id} rowTo={(s) => to(`/sessions/${s.id}`)} />;
}
