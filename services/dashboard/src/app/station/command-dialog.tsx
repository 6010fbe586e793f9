import type { Connector, Station, StationCommandRequest } from '@csms/contracts/http/index';
import { Select, TextInput } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { sendCommand } from '../api/queries.ts';
import { quantityText } from '../formats.ts';
import { useLive } from '../live/live-context.tsx';
import { Confirm } from '../parts/confirm.tsx';
import { ProblemMessage } from '../parts/data-states.tsx';
import { useFormats } from '../use-formats.tsx';

/** What someone is about to ask of a station; a connector where the question is about one. */
export type Intent = { kind: 'reset' | 'disable' | 'enable' | 'trigger' | 'remote-start' } | { kind: 'unlock' | 'remote-stop'; connector: Connector };

/** The number by which a driver knows a plug: the EVSE on 2.x, the connector on 1.6. */
export function plugNumber(station: Station, connector: Connector): number {
  return station.ocppVersion === 'ocpp1.6' || connector.evseId === 0 ? connector.connectorId : connector.evseId;
}

/** Names the target and the effect, then sends. The press is one command however often it is repeated: its key is made when the dialog opens. */
export function CommandDialog({ station, intent, onClose }: { station: Station; intent: Intent; onClose: () => void }) {
  const { t } = useTranslation();
  const f = useFormats(station.siteId);
  const client = useQueryClient();
  const live = useLive();
  const [idempotencyKey] = useState(() => crypto.randomUUID());
  const [card, setCard] = useState('');
  const [evse, setEvse] = useState('');
  const send = useMutation({
    mutationFn: (command: StationCommandRequest) => sendCommand(station.id, command, idempotencyKey),
    onSuccess: () => { void client.invalidateQueries({ queryKey: ['commands', station.id] }); onClose(); },
  });
  const running = station.connectors.filter((connector) => connector.session !== null);
  const energyOf = (connectors: Connector[]): string => connectors.map((connector) => quantityText(f.energy(connector.session?.energyWh ?? 0))).join(' + ');
  const name = station.identity;
  const n = 'connector' in intent ? plugNumber(station, intent.connector) : 0;
  const texts: { title: string; effect: string; danger: boolean; command: StationCommandRequest | null } = (() => {
    switch (intent.kind) {
      case 'reset': return { title: t('command.resetTarget', { station: name }), effect: running.length > 0 ? t('command.confirmReset', { count: running.length, station: name, energy: energyOf(running) }) : t('command.confirmResetIdle', { station: name }), danger: running.length > 0, command: { action: 'reset', kind: 'soft' } };
      case 'disable': return { title: t('command.disable', { station: name }), effect: t('command.confirmDisable', { count: running.length, station: name }), danger: true, command: { action: 'change-availability', evseId: 0, available: false } };
      case 'enable': return { title: t('command.enable', { station: name }), effect: t('command.confirmEnable', { station: name }), danger: false, command: { action: 'change-availability', evseId: 0, available: true } };
      case 'trigger': return { title: t('command.triggerTarget', { station: name }), effect: t('command.confirmTrigger'), danger: false, command: { action: 'trigger', message: 'StatusNotification', evseId: null } };
      case 'unlock': return { title: t('command.unlockTarget', { connector: n }), effect: intent.connector.session ? t('command.confirmUnlock', { connector: n }) : t('command.confirmUnlockIdle', { connector: n }), danger: intent.connector.session !== null, command: { action: 'unlock', evseId: intent.connector.evseId, connectorId: intent.connector.connectorId } };
      case 'remote-stop': return { title: t('command.stopTarget', { connector: n }), effect: t('command.confirmStop', { station: name, connector: n, energy: energyOf([intent.connector]) }), danger: true, command: intent.connector.session ? { action: 'remote-stop', sessionId: intent.connector.session.id } : null };
      case 'remote-start': return { title: t('command.startTarget', { station: name }), effect: t('command.confirmStart', { station: name }), danger: false, command: card.trim() === '' ? null : { action: 'remote-start', evseId: evse === '' ? null : Number(evse), tokenUid: card.trim() } };
    }
  })();
  return (
    <Confirm opened title={texts.title} effect={texts.effect} action={texts.title} danger={texts.danger} busy={send.isPending} disabled={texts.command === null || live.state === 'lost'} onConfirm={() => { if (texts.command) send.mutate(texts.command); }} onClose={onClose}>
      {intent.kind === 'remote-start' && <>
        <TextInput label={t('command.startCard')} description={t('command.startCardHint')} value={card} maxLength={36} onChange={(event) => setCard(event.currentTarget.value)} data-autofocus />
        <Select label={t('command.startConnector')} data={[{ value: '', label: t('command.startAny') }, ...station.connectors.map((connector) => ({ value: String(connector.evseId || connector.connectorId), label: t('common.connector', { number: plugNumber(station, connector) }) }))]} value={evse} allowDeselect={false} onChange={(value) => setEvse(value ?? '')} />
      </>}
      {live.state === 'lost' && <p className="muted small">{t('common.offlineAction')}</p>}
      {!station.online && <p className="notice">{t('station.offlineCommands')}</p>}
      {send.error && <div><strong>{t('command.refused')}</strong><ProblemMessage error={send.error} /></div>}
    </Confirm>
  );
}
