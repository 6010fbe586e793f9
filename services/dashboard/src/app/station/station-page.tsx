import type { Command, Connector, Session, Station } from '@csms/contracts/http/index';
import { Button } from '@mantine/core';
import { useInfiniteQuery, useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { Link, useParams } from 'react-router';
import { commandsQuery, sessionsQuery, stationQuery, tariffsQuery } from '../api/queries.ts';
import { ZoneNote } from '../frame/frame.tsx';
import { useNow } from '../live/use-now.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Answer, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { connectorStatus, powerNowW, speakerOf, StatusLabel, stationStatus, useConnectorReason, useFault } from '../parts/status-label.tsx';
import { Known, Value } from '../parts/values.tsx';
import { SessionTable } from '../sessions/session-table.tsx';
import { useTo } from '../site-choice.ts';
import { useCan, useFormats } from '../use-formats.tsx';
import { CommandDialog, plugNumber, type Intent } from './command-dialog.tsx';
import { CommandStages } from './command-stages.tsx';
import { seenInFacts } from './seen.ts';

export function StationPage() {
  const { id = '' } = useParams();
  const station = useQuery(stationQuery(id));
  return <Answer query={station} skeleton={<Card><SkeletonRows rows={8} /></Card>}>{(data) => <StationView station={data} />}</Answer>;
}

function StationView({ station }: { station: Station }) {
  const { t } = useTranslation();
  const f = useFormats(station.siteId);
  const now = useNow();
  const fault = useFault();
  const [intent, setIntent] = useState<Intent | null>(null);
  const status = stationStatus(station);
  const sessions = useInfiniteQuery(sessionsQuery({ stationId: station.id }, 10));
  const recent = sessions.data?.pages.flatMap((page) => page.items) ?? [];
  // The age is of the connector that speaks for the station; of the station itself where its state is its own.
  const speaker = speakerOf(station);
  const since = status === 'offline' ? station.since ?? station.lastSeenAt : (status === 'charging' ? speaker?.session?.startedAt : null) ?? speaker?.statusAt ?? station.statusAt ?? station.since;
  return (
    <>
      <PageHead title={station.identity} sub={<>{[station.displayName, station.siteName].filter(Boolean).join(' · ')} · <ZoneNote siteId={station.siteId} /></>}>
        <div className="data head-status">
          <StatusLabel status={status} large />
          <div className="status-beside">{[status === 'faulted' ? fault.words(speaker?.errorCode ?? station.errorCode) : null, status === 'offline' && station.lastSeenAt === null ? t('statusBeside.offlineNever') : since === null ? null : t('statusBeside.sinceFor', { duration: f.duration((now - Date.parse(since)) / 1_000), time: f.moment(since, now) })].filter(Boolean).join(', ')}</div>
        </div>
      </PageHead>
      <div className="two">
        <div className="stack">
          <Card title={t('station.connectors')} flush className="data first">{station.connectors.length === 0 ? <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('statusBeside.unknown')}</p> : station.connectors.map((connector) => <ConnectorRow key={`${connector.evseId}-${connector.connectorId}`} station={station} connector={connector} onIntent={setIntent} />)}</Card>
          <RecentCommands station={station} sessions={recent} />
          <Card title={t('station.sessions')} flush className="data fourth">
            {sessions.data === undefined ? sessions.error ? <ProblemMessage error={sessions.error} onRetry={() => void sessions.refetch()} /> : <SkeletonRows rows={4} /> : recent.length === 0 ? <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('station.noSessions')}</p> : <SessionTable sessions={recent} withStation={false} />}
          </Card>
        </div>
        <div className="stack">
          <CommandButtons station={station} onIntent={setIntent} />
          <Card title={t('station.info')} className="data fifth"><Info station={station} /></Card>
        </div>
      </div>
      {intent && <CommandDialog station={station} intent={intent} onClose={() => setIntent(null)} />}
    </>
  );
}

function ConnectorRow({ station, connector, onIntent }: { station: Station; connector: Connector; onIntent: (intent: Intent) => void }) {
  const { t } = useTranslation();
  const f = useFormats(station.siteId);
  const to = useTo();
  const now = useNow();
  const can = useCan();
  const reason = useConnectorReason();
  const fault = useFault();
  const status = connectorStatus(station, connector);
  const { session } = connector;
  return (
    <div className="connector">
      <div>
        <div className="row"><span className="muted">{t('common.connector', { number: plugNumber(station, connector) })}</span><StatusLabel status={status} />{status === 'available' && <PriceNow siteId={station.siteId} />}</div>
        <div className="status-beside">{reason(station, connector)}</div>
        {status === 'faulted' && <div className="status-beside">{t('station.whatToDo', { step: fault.step(connector.errorCode) })}</div>}
      </div>
      {can('operator') && (
        <div className="actions">
          {session !== null && <Button size="compact-md" variant="default" onClick={() => onIntent({ kind: 'remote-stop', connector })}>{t('command.remote-stop')}</Button>}
          <Button size="compact-md" variant="default" onClick={() => onIntent({ kind: 'unlock', connector })} aria-label={t('command.unlockTarget', { connector: plugNumber(station, connector) })}>{t('command.unlock')}</Button>
        </div>
      )}
      {session !== null && (
        <div className="figures">
          <div><div className="small muted">{t('sessions.power')}</div><div className="figure"><Known value={powerNowW(station, connector)} reason={status === 'charging' ? t('sessions.noPower') : t(`status.${status}`)}>{(powerW) => <Value quantity={f.power(powerW)} live />}</Known></div></div>
          <div><div className="small muted">{t('sessions.energy')}</div><div className="figure"><Known value={session.energyWh} reason={t('sessions.noEnergy')}>{(energyWh) => <Value quantity={f.energy(energyWh, 2)} live />}</Known></div></div>
          <div><div className="small muted">{t('session.soc')}</div><div className="figure"><Known value={session.socPct} reason={t('session.noSoc')}>{(soc) => <Value quantity={{ value: f.number(soc), unit: '%' }} live />}</Known></div></div>
          <div><div className="small muted">{t('sessions.duration')}</div><div className="figure number">{f.duration((now - Date.parse(session.startedAt)) / 1_000)}</div></div>
          <div style={{ alignSelf: 'end', paddingBottom: 4 }}><Link className="link" to={to(`/sessions/${session.id}`)}>{t('station.open')}</Link></div>
        </div>
      )}
    </div>
  );
}

/** The price that a car which plugs in now would pay: the site's own tariff before the tenant's. */
function PriceNow({ siteId }: { siteId: string }) {
  const { t } = useTranslation();
  const f = useFormats(siteId);
  const tariffs = useQuery(tariffsQuery);
  const nowIso = new Date().toISOString();
  const valid = (tariffs.data?.items ?? []).filter((tariff) => (tariff.siteId === siteId || tariff.siteId === null) && tariff.validFrom <= nowIso && (tariff.validUntil === null || tariff.validUntil > nowIso));
  const tariff = valid.sort((a, b) => Number(b.siteId !== null) - Number(a.siteId !== null) || (a.validFrom < b.validFrom ? 1 : -1))[0];
  return tariff ? <span className="muted small number">{t('statusBeside.price', { price: f.money(tariff.energyPerKwhMinor, tariff.currency) })}</span> : null;
}

function CommandButtons({ station, onIntent }: { station: Station; onIntent: (intent: Intent) => void }) {
  const { t } = useTranslation();
  const can = useCan();
  const name = station.identity;
  const unavailable = station.connectors.length > 0 && station.connectors.every((connector) => connector.status === 'Unavailable');
  return (
    <Card title={t('station.commands')} className="second">
      {can('operator') ? (
        <div className="command-buttons">
          <Button variant="default" onClick={() => onIntent({ kind: 'remote-start' })}>{t('command.startTarget', { station: name })}</Button>
          <Button variant="default" onClick={() => onIntent({ kind: 'reset' })}>{t('command.resetTarget', { station: name })}</Button>
          <Button variant="default" onClick={() => onIntent({ kind: unavailable ? 'enable' : 'disable' })}>{unavailable ? t('command.enable', { station: name }) : t('command.disable', { station: name })}</Button>
          <Button variant="default" onClick={() => onIntent({ kind: 'trigger' })}>{t('command.triggerTarget', { station: name })}</Button>
        </div>
      ) : <p className="muted">{t('common.needsOperator')}. {t('state.noPermissionDetail')}</p>}
    </Card>
  );
}

function RecentCommands({ station, sessions }: { station: Station; sessions: Session[] }) {
  const { t } = useTranslation();
  const commands = useQuery(commandsQuery(station.id));
  return (
    <Card title={t('station.recentCommands')} flush className="data third">
      <Answer query={commands}>{(data) => (data.items.length === 0 ? <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('station.noCommands')}</p> : <div>{data.items.slice(0, 5).map((command) => <CommandRow key={command.id} command={command} station={station} sessions={sessions} />)}</div>)}</Answer>
    </Card>
  );
}

const knownActions = ['remote-stop', 'remote-start', 'reset', 'unlock', 'change-availability', 'trigger', 'clear-cache', 'change-configuration', 'get-configuration', 'data-transfer'] as const;

function CommandRow({ command, station, sessions }: { command: Command; station: Station; sessions: Session[] }) {
  const { t } = useTranslation();
  const action = knownActions.find((each) => each === command.action);
  return (
    <div className="command">
      <div className="spread"><span style={{ fontWeight: 500 }}>{action ? t(`command.${action}`) : command.action}</span><span className="small muted">{t(`command.state.${command.state}`)}, {t('command.by', { who: command.createdBy })}</span></div>
      <CommandStages command={command} siteId={station.siteId} seen={seenInFacts(command, station, sessions)} />
      {command.detail !== null && command.detail !== '' && <p className="small muted" lang="en">{command.detail}</p>}
    </div>
  );
}

function Info({ station }: { station: Station }) {
  const { t } = useTranslation();
  const f = useFormats(station.siteId);
  const now = useNow();
  const never = t('statusBeside.offlineNever');
  const rows: [string, string | null][] = [
    [t('station.vendor'), station.vendor], [t('station.model'), station.model], [t('station.serial'), station.serial], [t('station.firmware'), station.firmware], [t('station.version'), station.ocppVersion?.replace('ocpp', '') ?? null],
    [t('station.booted'), station.bootedAt === null ? null : f.moment(station.bootedAt, now)], [t('station.lastSeen'), station.lastSeenAt === null ? null : f.age(station.lastSeenAt, now)],
    [t('station.online'), station.online ? `${t('common.yes')}${station.since === null ? '' : `, ${t('station.sinceWord')} ${f.moment(station.since, now)}`}` : t('common.no')],
  ];
  return <dl className="facts">{rows.map(([name, value]) => <div key={name} style={{ display: 'contents' }}><dt>{name}</dt><dd><Known value={value} reason={never}>{(text) => text}</Known></dd></div>)}</dl>;
}
