import type { Overview, Station } from '@csms/contracts/http/index';
import { useTranslation } from 'react-i18next';
import { Link } from 'react-router';
import { useNow } from '../live/use-now.ts';
import { useFault } from '../parts/status-label.tsx';
import { StatusShape } from '../parts/status-shape.tsx';
import { useTo } from '../site-choice.ts';
import { statusKey, type StatusKey } from '../status.ts';
import { useFormats } from '../use-formats.tsx';
import { useFlagWords } from '../session/flags.tsx';

type Item = Overview['attention'][number];
const shown = 8;
const shapeOf: Record<Item['kind'], StatusKey> = { 'station-offline': 'offline', 'station-faulted': 'faulted', 'connector-faulted': 'faulted', 'station-knocking': 'unknown', 'orphan-stop': 'unknown', 'session-flagged': 'unknown' };

/** What needs someone, longest first as the server ranks it: who, what, since when, why, what to do. */
export function Attention({ data, stations }: { data: Overview; stations: Station[] }) {
  const { t } = useTranslation();
  if (data.attention.length === 0) return <p className="muted" style={{ padding: '4px 16px 16px' }}>{t('overview.attentionNone')}</p>;
  return (
    <>
      <ul className="attention">{data.attention.slice(0, shown).map((item) => <li key={`${item.kind}${item.stationId ?? item.identity ?? ''}${item.connectorId ?? ''}${item.sessionId ?? ''}${item.since}`}><AttentionItem item={item} station={stations.find((each) => each.id === item.stationId)} /></li>)}</ul>
      {data.attention.length > shown && <p className="small muted" style={{ padding: '8px 16px 12px' }}>{t('overview.attentionMore', { count: data.attention.length - shown })}</p>}
    </>
  );
}

function AttentionItem({ item, station }: { item: Item; station: Station | undefined }) {
  const { t } = useTranslation();
  const f = useFormats();
  const now = useNow();
  const to = useTo();
  const fault = useFault();
  const flag = useFlagWords();
  const target = item.sessionId !== null ? `/sessions/${item.sessionId}` : item.stationId !== null ? `/stations/${item.stationId}` : '/stations';
  const faulted = item.kind === 'connector-faulted' || item.kind === 'station-faulted';
  const was = item.kind === 'station-offline' ? station?.connectors.map((connector) => statusKey(connector.status, connector.session)).find((key) => key === 'charging') : undefined;
  const why = faulted ? `${fault.words(item.code)}. ${fault.step(item.code)}` : item.kind === 'session-flagged' && item.code !== null ? flag(item.code) : was ? t('statusBeside.offlineWas', { status: t(`status.${was}`) }) : item.kind === 'station-knocking' ? item.code : null;
  return (
    <Link to={to(target)}>
      <span style={{ paddingTop: 2 }}><StatusShape status={shapeOf[item.kind]} /></span>
      <span><strong style={{ fontWeight: 600 }}>{item.identity ?? ''}</strong> {t(`attention.${item.kind}`, { connector: item.connectorId ?? '' })}</span>
      <span className="since number">{f.duration((now - Date.parse(item.since)) / 1_000)}</span>
      {why !== null && why !== '' && <span className="why">{why}</span>}
    </Link>
  );
}
