import type { Connector, Station } from '@csms/contracts/http/index';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '../live/use-now.ts';
import { connectorStatus, StatusLabel, stationStatus, useConnectorReason } from '../parts/status-label.tsx';
import { Value } from '../parts/values.tsx';
import { useTo } from '../site-choice.ts';
import { byUrgency } from '../status.ts';
import { useSiteFormats } from '../use-formats.tsx';

/** Each plug of the site with its state, its reason and what flows: which one is free, and why that one is red. */
export function StationTiles({ stations }: { stations: Station[] }) {
  const sorted = [...stations].sort((a, b) => byUrgency(stationStatus(a), stationStatus(b)) || (a.identity < b.identity ? -1 : 1));
  return <div className="tiles-frame"><div className="tiles">{sorted.map((station) => <Tile key={station.id} station={station} />)}</div></div>;
}

const Tile = memo(function Tile({ station }: { station: Station }) {
  const { t } = useTranslation();
  const to = useTo();
  return (
    <Link className="tile" to={to(`/stations/${station.id}`)}>
      <span className="spread"><span className="name">{station.identity}</span>{station.displayName !== null && <span className="small muted">{station.displayName}</span>}</span>
      {station.connectors.length === 0 ? <span className="plug"><StatusLabel status={stationStatus(station)} /><span className="status-beside">{station.lastSeenAt === null ? t('statusBeside.offlineNever') : t('statusBeside.unknown')}</span></span> : station.connectors.map((connector) => <Plug key={`${connector.evseId}-${connector.connectorId}`} station={station} connector={connector} />)}
    </Link>
  );
});

function Plug({ station, connector }: { station: Station; connector: Connector }) {
  const { t } = useTranslation();
  const formats = useSiteFormats();
  const f = formats.of(station.siteId);
  const now = useNow();
  const reason = useConnectorReason();
  const status = connectorStatus(station, connector);
  const { session } = connector;
  return (
    <span className="plug">
      <StatusLabel status={status} />
      {station.online && session !== null && <span className="number">{session.powerW !== null && status === 'charging' ? <><Value quantity={f.power(session.powerW)} live />{' · '}</> : null}{session.energyWh !== null && <Value quantity={f.energy(session.energyWh)} live />}</span>}
      <span className="status-beside">{station.connectors.length > 1 ? `${t('common.connector', { number: connector.evseId > 0 && station.ocppVersion !== 'ocpp1.6' ? connector.evseId : connector.connectorId })} · ` : ''}{status === 'charging' && session ? t('statusBeside.sinceFor', { duration: f.duration((now - Date.parse(session.startedAt)) / 1_000), time: formats.moment(station.siteId, session.startedAt, now) }) : reason(station, connector)}</span>
    </span>
  );
}
