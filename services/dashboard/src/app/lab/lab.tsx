import type { LabAction, LabActionResult, LabState } from '@csms/contracts/http/index';
import { Button, Menu } from '@mantine/core';
import { IconAlertTriangle, IconCheck } from '@tabler/icons-react';
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query';
import type { TFunction } from 'i18next';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { z } from 'zod';
import { labAction, labProofQuery, labStateQuery, meQuery } from '../api/queries.ts';
import { Card, PageHead } from '../parts/card.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { Answer, FirstUse, ProblemMessage, SkeletonRows } from '../parts/data-states.tsx';
import { DataTable } from '../parts/data-table.tsx';
import { StatusLabel } from '../parts/status-label.tsx';
import { Unknown, Value } from '../parts/values.tsx';
import { statusKey } from '../status.ts';
import { useNow } from '../live/use-now.ts';
import { useCan, useFormats } from '../use-formats.tsx';
import { Proof } from './proof.tsx';

type LabStation = LabState['stations'][number];

/** Break what you like, and see beside it that nothing was lost. Lab mode and operators only. */
export function Lab() {
  const { t } = useTranslation();
  const can = useCan();
  const me = useQuery(meQuery);
  if (me.data?.mode !== 'lab' || !can('operator')) return <Card><FirstUse title={t('state.noPermission')} detail={t('lab.only')} /></Card>;
  return <LabBench />;
}

function LabBench() {
  const { t } = useTranslation();
  const client = useQueryClient();
  const state = useQuery(labStateQuery);
  const proof = useQuery(labProofQuery);
  const act = useMutation({ mutationFn: labAction, onSettled: () => { void client.invalidateQueries({ queryKey: ['lab-state'] }); void client.invalidateQueries({ queryKey: ['lab-proof'] }); } });
  const run = (action: LabAction): void => act.mutate(action);
  return (
    <>
      <PageHead title={t('lab.title')} sub={t('lab.lead')} />
      <Card title={t('lab.proof')}><Answer query={proof} skeleton={<SkeletonRows rows={5} />}>{(data) => <Proof proof={data} />}</Answer></Card>
      {act.error && <Card><ProblemMessage error={act.error} /></Card>}
      <ActionResult result={act.data} action={act.variables} atMs={act.submittedAt} />
      <Answer query={state} skeleton={<Card><SkeletonRows rows={8} /></Card>}>
        {(data) => (
          <>
            <div className="two"><Processes state={data} run={run} /><Bus state={data} run={run} /></div>
            <h2>{t('lab.stations')}</h2>
            {data.stations.length === 0 ? <Card><FirstUse title={t('lab.firstTitle')} detail={t('lab.firstDetail')} command="npm start" /></Card> : <div className="lab-grid">{data.stations.map((station) => <StationBench key={station.identity} station={station} cards={data.cards} run={run} />)}</div>}
          </>
        )}
      </Answer>
    </>
  );
}

const resultShownMs = 10_000;

/** One line about the last action, where it is seen from any station of the page: done in words, or refused with the reason. */
function ActionResult({ result, action, atMs }: { result: z.infer<typeof LabActionResult> | undefined; action: LabAction | undefined; atMs: number }) {
  const { t } = useTranslation();
  const now = useNow();
  const shown = result !== undefined && action !== undefined && now - atMs < resultShownMs;
  return <div className={shown ? 'lab-done' : 'visually-hidden'} role="status">{shown && <p className={result.ok ? 'notice' : 'notice danger'} lang={result.ok ? undefined : 'en'}>{result.ok ? t(`lab.done.${action.action}`, { target: targetOf(action, t) }) : result.message}</p>}</div>;
}

/** What an action was done to, as its short result names it. */
function targetOf(action: LabAction, t: TFunction): string {
  if (action.action === 'kill-process') return action.name;
  if (!('identity' in action)) return '';
  return 'connectorId' in action ? `${action.identity}, ${t('common.connector', { number: action.connectorId }).toLowerCase()}` : action.identity;
}

const cardShownMs = 60_000;
const refusals = ['Blocked', 'Expired', 'Invalid', 'ConcurrentTx'] as const;

/** What the reader of a connector told whoever tapped a card, for a minute. */
function LastCard({ card }: { card: LabStation['connectors'][number]['lastCard'] }) {
  const { t } = useTranslation();
  const now = useNow();
  if (!card || now - Date.parse(card.at) > cardShownMs) return null;
  const refusal = refusals.find((each) => each === card.detail);
  const text = card.outcome === 'accepted' ? t('lab.card.accepted') : card.outcome === 'busy' ? t('lab.card.busy') : refusal ? t('lab.card.refused', { reason: t(`lab.cardReason.${refusal}`) }) : t('lab.card.refusedPlain');
  return <p className={card.outcome === 'accepted' ? 'notice' : 'notice danger'} role="status">{text}</p>;
}

function StationBench({ station, cards, run }: { station: LabStation; cards: LabState['cards']; run: (action: LabAction) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const { identity } = station;
  const tapNames = { known: t('lab.tapKnown'), blocked: t('lab.tapBlocked'), unknown: t('lab.tapUnknown') };
  return (
    <section className="card lab-station" aria-label={identity}>
      <div className="spread">
        <h3>{identity} <span className="muted" style={{ fontWeight: 400 }}>{`OCPP ${station.dialect.replace('ocpp', '')}`}</span></h3>
        <span className={station.connected ? 'badge' : 'badge bad'}>{station.connected ? t('lab.connected') : station.cableCut ? t('lab.cutNow') : t('lab.disconnected')}{station.queuedMessages > 0 && `, ${t('lab.queuedMessages', { count: station.queuedMessages })}`}</span>
      </div>
      {station.connectors.map((connector) => {
        const { connectorId } = connector;
        const status = statusKey(connector.status, connector.powerW > 0 ? { idleSince: null } : null);
        return (
          <div key={connectorId} className="lab-plug">
            <div className="spread"><span className="row"><span className="muted">{t('common.connector', { number: connectorId })}</span><StatusLabel status={status} /></span><span className="number">{connector.plugged ? <><Value quantity={f.power(connector.powerW)} /> · <Value quantity={f.energy(connector.sessionEnergyWh, 2)} /></> : <span className="muted">{t('lab.empty')}</span>}</span></div>
            <LastCard card={connector.lastCard} />
            <div className="lab-buttons">
              {connector.plugged
                ? <Button size="compact-sm" variant="default" onClick={() => run({ action: 'unplug', identity, connectorId })}>{t('lab.unplug')}</Button>
                : <Button size="compact-sm" variant="default" onClick={() => run({ action: 'plug', identity, connectorId })}>{t('lab.plug')}</Button>}
              <Menu shadow="sm" position="bottom-start">
                <Menu.Target><Button size="compact-sm" variant="default">{t('lab.tap')}</Button></Menu.Target>
                <Menu.Dropdown>{cards.map((card) => <Menu.Item key={card.uid} onClick={() => run({ action: 'tap', identity, connectorId, uid: card.uid })}>{tapNames[card.label]} <span className="muted">{card.driverName ?? card.uid}</span></Menu.Item>)}</Menu.Dropdown>
              </Menu>
              {status === 'faulted'
                ? <Button size="compact-sm" variant="default" onClick={() => run({ action: 'clear', identity, connectorId })}>{t('lab.clear')}</Button>
                : <Button size="compact-sm" variant="default" onClick={() => run({ action: 'fault', identity, connectorId })}>{t('lab.fault')}</Button>}
            </div>
          </div>
        );
      })}
      <div className="lab-plug">{station.cableCut ? <div><Button size="compact-md" onClick={() => run({ action: 'restore', identity })}>{t('lab.restore')}</Button></div> : <div><Button size="compact-md" variant="default" onClick={() => run({ action: 'cut', identity })}>{t('lab.cut')}</Button></div>}</div>
    </section>
  );
}

function Processes({ state, run }: { state: LabState; run: (action: LabAction) => void }) {
  const { t } = useTranslation();
  const f = useFormats();
  const [killing, setKilling] = useState<string | null>(null);
  return (
    <Card title={t('lab.processes')} flush>
      <DataTable
        label={t('lab.processes')} items={state.processes} rowKey={(process) => process.name}
        columns={[
          { key: 'name', header: t('lab.name'), phone: 'wide', cell: (process) => <><strong style={{ fontWeight: 600, overflowWrap: 'anywhere' }}>{process.name}</strong><div className="sub">{process.kind}{process.pid !== null && `, pid ${process.pid}`}</div></> },
          { key: 'ready', header: t('lab.ready'), cell: (process) => (process.ready ? <span className="row" style={{ gap: 4 }}><IconCheck size={16} aria-hidden="true" />{t('lab.ready')}</span> : <span className="badge bad">{t('lab.notReady')}</span>) },
          { key: 'connections', header: t('lab.connections'), end: true, cell: (process) => (process.connections === null ? <Unknown reason={t('common.unknown')} /> : <span className="number">{f.number(process.connections)}</span>) },
          { key: 'restarts', header: t('lab.restarts'), end: true, cell: (process) => <span className="number">{f.number(process.restarts)}</span> },
          { key: 'kill', header: '', end: true, action: true, phone: 'wide', cell: (process) => <Button size="compact-sm" variant="default" disabled={process.pid === null} aria-label={`${t('lab.kill')} ${process.name}`} onClick={() => setKilling(process.name)}>{t('lab.kill')}</Button> },
        ]}
      />
      <Confirm opened={killing !== null} title={`${t('lab.kill')} ${killing ?? ''}`} effect={t('lab.killConfirm', { name: killing ?? '' })} action={t('lab.kill')} danger onConfirm={() => { if (killing !== null) run({ action: 'kill-process', name: killing }); setKilling(null); }} onClose={() => setKilling(null)} />
    </Card>
  );
}

function Bus({ state, run }: { state: LabState; run: (action: LabAction) => void }) {
  const { t } = useTranslation();
  const [stopping, setStopping] = useState(false);
  const running = state.bus.state === 'running';
  return (
    <Card title={t('lab.bus')}>
      <div className="stack">
        <div className="row">{running ? <IconCheck size={16} aria-hidden="true" /> : <IconAlertTriangle size={16} aria-hidden="true" />}<strong style={{ fontWeight: 600 }}>{running ? t('lab.busRunning') : t('lab.busStopped')}</strong><span className="muted">{state.bus.kind}</span></div>
        <p className="muted">{t('lab.busDetail')}</p>
        <div>{running ? <Button variant="default" onClick={() => setStopping(true)}>{t('lab.stopBus')}</Button> : <Button onClick={() => run({ action: 'start-bus' })}>{t('lab.startBus')}</Button>}</div>
      </div>
      <Confirm opened={stopping} title={t('lab.stopBus')} effect={t('lab.stopBusConfirm')} action={t('lab.stopBus')} danger onConfirm={() => { run({ action: 'stop-bus' }); setStopping(false); }} onClose={() => setStopping(false)} />
    </Card>
  );
}
