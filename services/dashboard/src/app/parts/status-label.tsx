import type { Connector, Station } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { useNow } from '../live/use-now.ts';
import { statusKey, type StatusKey } from '../status.ts';
import { useSiteFormats } from '../use-formats.tsx';
import { StatusShape } from './status-shape.tsx';

/** Shape and word of a state; the colour only repeats them. */
export function StatusLabel({ status, large = false }: { status: StatusKey; large?: boolean }) {
  const { t } = useTranslation();
  return <span className={large ? 'status large' : 'status'}><StatusShape status={status} size={large ? 20 : 16} /><span>{t(`status.${status}`)}</span></span>;
}

/** What a connector is, as the driver before it would say: an offline station's connectors are offline, whatever they said last. */
export function connectorStatus(station: Pick<Station, 'online'>, connector: Connector): StatusKey {
  return station.online ? statusKey(connector.status, connector.session) : 'offline';
}

/** What a station is: offline first, then the worst word of the server, read with the sessions of its connectors. */
export function stationStatus(station: Station): StatusKey {
  if (!station.online) return station.lastSeenAt === null && station.bootedAt === null ? 'unknown' : 'offline';
  const key = statusKey(station.worst);
  if (key === 'preparing' && station.worst.toLowerCase() === 'occupied') return statusKey('Occupied', station.connectors.find((each) => each.session)?.session);
  return key;
}

/** The connector whose state is the station's: the first in that state; none where the state is the station's own. */
export function speakerOf(station: Station): Connector | undefined {
  const status = stationStatus(station);
  return station.connectors.find((each) => connectorStatus(station, each) === status);
}

/** The power that flows: what a session said last counts only while its connector charges. */
export function powerNowW(station: Pick<Station, 'online'>, connector: Connector): number | null {
  return connector.session !== null && connectorStatus(station, connector) === 'charging' ? connector.session.powerW : null;
}

const faultWords = ['ConnectorLockFailure', 'EVCommunicationError', 'GroundFailure', 'HighTemperature', 'InternalError', 'LocalListConflict', 'NoError', 'OtherError', 'OverCurrentFailure', 'OverVoltage', 'PowerMeterFailure', 'PowerSwitchFailure', 'ReaderFailure', 'ResetFailure', 'UnderVoltage', 'WeakSignal'] as const;
const faultSteps = ['ConnectorLockFailure', 'EVCommunicationError', 'GroundFailure', 'HighTemperature'] as const;

/** An OCPP error code in words, and what to do first. */
export function useFault(): { words: (code: string | null) => string; step: (code: string | null) => string } {
  const { t } = useTranslation();
  return {
    words: (code) => {
      const known = faultWords.find((each) => each === code);
      return known ? t(`fault.${known}`) : code === null ? t('fault.NoError') : t('fault.other', { code });
    },
    step: (code) => t(`faultStep.${faultSteps.find((each) => each === code) ?? 'other'}`),
  };
}

/** Why a connector is as it is and since when: one line under its state. */
export function useConnectorReason(): (station: Pick<Station, 'siteId' | 'online' | 'lastSeenAt'>, connector: Connector) => string {
  const { t } = useTranslation();
  const formats = useSiteFormats();
  const now = useNow();
  const fault = useFault();
  return (station, connector) => {
    const f = formats.of(station.siteId);
    const status = connectorStatus(station, connector);
    const since = (at: string | null): string | null => (at === null ? null : t('statusBeside.since', { time: formats.moment(station.siteId, at, now) }));
    const join = (...parts: (string | null)[]): string => parts.filter((part) => part !== null && part !== '').join(', ');
    switch (status) {
      case 'available': return join(since(connector.statusAt));
      case 'preparing': return join(t('statusBeside.preparing'), since(connector.statusAt));
      case 'charging': return join(since(connector.session?.startedAt ?? connector.statusAt));
      case 'suspended-ev': return join(t('statusBeside.suspendedEv'), since(connector.session?.idleSince ?? connector.statusAt));
      case 'suspended-evse': return join(t('statusBeside.suspendedEvse'), since(connector.statusAt));
      case 'finishing': return join(t('statusBeside.finishing'), since(connector.statusAt));
      case 'reserved': return join(t('statusBeside.reserved'), since(connector.statusAt));
      case 'unavailable': return join(t('statusBeside.unavailable'), since(connector.statusAt));
      case 'faulted': return join(fault.words(connector.errorCode), connector.info, since(connector.statusAt));
      case 'offline': return station.lastSeenAt === null ? t('statusBeside.offlineNever') : `${t('statusBeside.offline', { age: f.age(station.lastSeenAt, now) })}. ${t('statusBeside.offlineWas', { status: t(`status.${statusKey(connector.status, connector.session)}`) })}`;
      case 'unknown': return t('statusBeside.unknown');
    }
  };
}
