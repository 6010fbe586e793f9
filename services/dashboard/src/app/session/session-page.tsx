import type { Session, SessionCurve, SessionExplanation } from '@csms/contracts/http/index';
import { Skeleton } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { curveQuery, explanationQuery, sessionQuery } from '../api/queries.ts';
import { ChartWithTable } from '../charts/chart-with-table.tsx';
import { pointsFromStart } from '../charts/session-points.ts';
import { quantityText } from '../formats.ts';
import { ZoneNote } from '../frame/frame.tsx';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Answer, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { KnownText } from '../parts/known-text.tsx';
import { StatusLabel } from '../parts/status-label.tsx';
import { Known, Unknown, Value } from '../parts/values.tsx';
import { useTo } from '../site-choice.ts';
import { useFormats } from '../use-formats.tsx';
import { authorizationWord, detailRules } from './detail-rules.ts';
import { useFlagWords } from './flags.tsx';

const SessionChart = lazy(() => import('../charts/session-chart.tsx'));

export function SessionPage() {
  const { id = '' } = useParams();
  const session = useQuery(sessionQuery(id));
  return <Answer query={session} skeleton={<Card><SkeletonRows rows={8} /></Card>}>{(data) => <SessionView session={data} />}</Answer>;
}

function SessionView({ session }: { session: Session }) {
  const { t } = useTranslation();
  const f = useFormats(session.siteId);
  const now = useNow();
  const to = useTo();
  const curve = useQuery(curveQuery(session.id));
  const explanation = useQuery(explanationQuery(session.id));
  const flag = useFlagWords();
  const seconds = ((session.endedAt === null ? now : Date.parse(session.endedAt)) - Date.parse(session.startedAt)) / 1_000;
  const figures = [
    { name: t('session.energy'), value: <Known value={session.energyWh} reason={t('sessions.noEnergy')}>{(wh) => <Value quantity={f.energy(wh, 2)} live />}</Known> },
    ...(session.state === 'active' ? [{ name: t('session.power'), value: <Known value={session.idleSince === null ? session.powerW : null} reason={session.idleSince === null ? t('sessions.noPower') : t('statusBeside.suspendedEv')}>{(w) => <Value quantity={f.power(w)} live />}</Known> }] : []),
    { name: t('session.soc'), value: <Known value={session.socPct} reason={t('session.noSoc')}>{(soc) => <Value quantity={{ value: f.number(soc), unit: '%' }} live />}</Known> },
    { name: t('sessions.duration'), value: <span className="number">{f.duration(seconds)}</span> },
    { name: t('session.total'), value: <Known value={session.bill} reason={session.source === 'import' ? t('sessions.importedNoBill') : t('session.noBill')}>{(bill) => <span className="number">{f.money(bill.totalMinor, bill.currency)}</span>}</Known> },
  ];
  return (
    <>
      <PageHead title={<>{t('session.title', { station: '' })}<Link className="link" to={to(`/stations/${session.stationId}`)}>{session.stationIdentity}</Link></>} sub={<>{f.moment(session.startedAt, now)}{session.endedAt !== null && `–${f.time(session.endedAt)}`}{session.connectorId !== null && ` · ${t('common.connector', { number: session.ocppVersion === 'ocpp1.6' || session.evseId === 0 ? session.connectorId : session.evseId })}`} · <ZoneNote siteId={session.siteId} /></>}>
        <div className="data">{session.state === 'active' ? <StatusLabel status={session.idleSince === null ? 'charging' : 'suspended-ev'} large /> : <span className={session.state === 'lost-stop' ? 'badge bad' : 'badge strong'}>{t(`sessions.stateName.${session.state}`)}</span>}</div>
      </PageHead>
      <Card className="data"><div className="row" style={{ gap: '8px 48px', alignItems: 'flex-start' }}>{figures.map((each) => <div key={each.name}><div className="muted">{each.name}</div><div className="figure">{each.value}</div></div>)}</div></Card>
      <div className="two">
        <Card title={t('session.curve')} className="data first">
          <Answer query={curve} skeleton={<Skeleton height={320} radius={4} />}>{(data) => <><ChartWithTable chart={<Suspense fallback={<Skeleton height={320} radius={4} />}><SessionChart curve={data} session={session} f={f} nowMs={now} label={t('session.curve')} /></Suspense>} table={<CurveTable curve={data} session={session} />} />{data.points.length === 0 && <p className="muted">{t('session.noPoints')}</p>}</>}</Answer>
        </Card>
        <div className="stack">
          <Card title={t('session.price')} className="data second"><BillLines session={session} /></Card>
          {session.flags.length > 0 && <Card title={t('session.flags')} className="third"><ul style={{ margin: 0, paddingLeft: 18 }}>{session.flags.map((each) => <li key={each}>{flag(each)}</li>)}</ul></Card>}
          <Card title={t('session.facts')} className="data fourth"><Facts session={session} /></Card>
        </div>
      </div>
      <Card title={t('session.explanation')} flush aside={<span className="muted">{t('session.explanationDetail')}{explanation.data && ` ${t('session.readings', { count: explanation.data.readings })}.`}</span>}>
        <Answer query={explanation}>{(data) => (data.messages.length === 0 ? <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('session.noMessages')}</p> : <Messages explanation={data} siteId={session.siteId} />)}</Answer>
      </Card>
    </>
  );
}

function BillLines({ session }: { session: Session }) {
  const { t } = useTranslation();
  const f = useFormats(session.siteId);
  const { bill, tariff } = session;
  const names = { energy: t('session.lineEnergy'), idle: t('session.lineIdle'), 'session-fee': t('session.lineFee') };
  return (
    <div className="stack" style={{ gap: 8 }}>
      {bill === null ? <p className="muted">{session.flags.includes('no-tariff') ? t('flag.no-tariff') : session.source === 'import' ? t('sessions.importedNoBill') : t('session.noBill')}</p> : (
        <table className="bill number">
          <tbody>
            {bill.lines.map((line) => <tr key={line.kind}><td>{names[line.kind]}<div className="sub">{line.kind === 'session-fee' ? '' : t('session.unitPrice', { quantity: line.kind === 'energy' ? quantityText({ value: f.number(line.quantity, 3), unit: 'kWh' }) : f.minutes(line.quantity), price: f.money(line.unitPriceMinor, bill.currency) })}</div></td><td className="end">{f.money(line.amountMinor, bill.currency)}</td></tr>)}
            <tr><td>{t('session.total')}</td><td className="end">{f.money(bill.totalMinor, bill.currency)}</td></tr>
          </tbody>
        </table>
      )}
      {bill?.state === 'provisional' && <p className="notice small">{t('session.provisional')}</p>}
      {tariff !== null && <p className="small muted">{t('session.tariff', { name: tariff.name, price: f.money(tariff.energyPerKwhMinor, tariff.currency) })}</p>}
    </div>
  );
}

const stopReasons = ['Local', 'Remote', 'EVDisconnected', 'DeAuthorized', 'EmergencyStop', 'HardReset', 'SoftReset', 'PowerLoss', 'Reboot', 'UnlockCommand', 'LostStop', 'Timeout', 'EnergyLimitReached', 'TimeLimitReached', 'StoppedByEV', 'Other'] as const;

function Facts({ session }: { session: Session }) {
  const { t } = useTranslation();
  const f = useFormats(session.siteId);
  const now = useNow();
  const late = (at: string, receivedAt: string | null): string => (receivedAt !== null && Math.abs(Date.parse(receivedAt) - Date.parse(at)) > 60_000 ? `, ${t('session.receivedLate', { time: f.moment(receivedAt, now) })}` : '');
  const reason = stopReasons.find((each) => each === session.stopReason);
  const rows: [string, React.ReactNode][] = [
    [t('session.driver'), session.driverName ?? <Unknown reason={t('sessions.noDriver')} />],
    [t('session.card'), <span key="card"><span className="mono">{session.tokenMasked}</span> <span className="muted">{authorizationWord(t, session.authorizationStatus)}</span></span>],
    [t('session.started'), `${f.moment(session.startedAt, now)}${late(session.startedAt, session.startReceivedAt)}`],
    [t('session.ended'), session.endedAt === null ? t('session.running') : `${f.moment(session.endedAt, now)}${late(session.endedAt, session.endReceivedAt)}`],
    ...(session.endedAt === null ? [] : [[t('session.reason'), reason ? t(`stopReason.${reason}`) : session.stopReason ?? <Unknown reason={t('session.noReason')} />] satisfies [string, React.ReactNode]]),
    ...(session.idleSeconds > 0 || session.idleSince !== null ? [[t('session.lineIdle'), f.duration(session.idleSeconds > 0 ? session.idleSeconds : (now - Date.parse(session.idleSince ?? session.startedAt)) / 1_000)] satisfies [string, React.ReactNode]] : []),
    [t('session.meterStart'), <Known key="a" value={session.meterStartWh} reason={t('sessions.noEnergy')}>{(wh) => quantityText(f.energy(wh, 3))}</Known>],
    [t('session.meterStop'), <Known key="b" value={session.meterStopWh} reason={session.endedAt === null ? t('session.running') : t('sessions.noEnergy')}>{(wh) => quantityText(f.energy(wh, 3))}</Known>],
    [t('session.reference'), <span key="ref" className="mono">{session.transactionRef}</span>],
    [t('session.source'), session.source === 'import' ? t('session.sourceImport') : t('session.sourceOcpp', { version: session.ocppVersion.replace('ocpp', 'OCPP ') })],
  ];
  return <dl className="facts">{rows.map(([name, value]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd>{value}</dd></div>)}</dl>;
}

function CurveTable({ curve, session }: { curve: SessionCurve; session: Session }) {
  const { t } = useTranslation();
  const f = useFormats(session.siteId);
  return (
    <DataTable
      label={t('session.curve')} items={pointsFromStart(session, curve.points)} rowKey={(point) => point.at}
      columns={[
        { key: 'at', header: t('session.eventAt'), nowrap: true, cell: (point) => <span className="number">{f.timeWithSeconds(point.at)}</span> },
        { key: 'power', header: t('session.power'), end: true, cell: (point) => <Known value={point.powerW} reason={t('sessions.noPower')}>{(w) => <Value quantity={f.power(w)} />}</Known> },
        { key: 'energy', header: t('session.energy'), end: true, cell: (point) => <Known value={point.energyWh} reason={t('sessions.noEnergy')}>{(wh) => <Value quantity={f.energy(wh, 2)} />}</Known> },
        { key: 'soc', header: t('session.soc'), end: true, cell: (point) => <Known value={point.socPct} reason={t('session.noSoc')}>{(soc) => f.percent(soc / 100)}</Known> },
      ]}
    />
  );
}

function Messages({ explanation, siteId }: { explanation: SessionExplanation; siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const now = useNow();
  const rules = detailRules(t, f, now);
  return (
    <DataTable
      label={t('session.explanation')} items={explanation.messages.map((message, index) => ({ ...message, key: `${message.messageId}-${index}` }))} rowKey={(message) => message.key}
      columns={[
        { key: 'received', header: t('session.receivedAt'), nowrap: true, cell: (m) => <span className="number">{f.timeWithSeconds(m.receivedAt)}</span> },
        { key: 'event', header: t('session.eventAt'), nowrap: true, cell: (m) => <Known value={m.eventAt} reason={t('common.unknown')}>{(at) => <span className="number">{f.timeWithSeconds(at)}{delayed(at, m.receivedAt) && <span className="sub"> {t('session.delay', { duration: f.duration((Date.parse(m.receivedAt) - Date.parse(at)) / 1_000) })}</span>}</span>}</Known> },
        { key: 'message', header: t('session.message'), cell: (m) => <><span className="mono">{m.action}{m.seqNo === null ? '' : ` #${m.seqNo}`}</span><details className="payload"><summary className="small muted">{t('common.details')}</summary><pre className="mono">{JSON.stringify(m.payload, null, 2)}</pre></details></> },
        { key: 'verdict', header: t('session.verdict'), cell: (m) => <><span className={m.verdict === 'applied' ? 'badge' : m.verdict === 'conflict' ? 'badge bad' : 'badge strong'}>{t(`verdict.${m.verdict}`)}</span>{m.detail !== null && <div className="sub"><KnownText text={m.detail} rules={rules} /></div>}</> },
      ]}
    />
  );
}

function delayed(at: string, receivedAt: string): boolean {
  return Date.parse(receivedAt) - Date.parse(at) > 60_000;
}
