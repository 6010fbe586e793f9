import type { Session, Station } from '@csms/contracts/http/index';

/** Numbers as a person reads them: kWh, kW, Rp. JSON output keeps Wh, W and minor units. */
export function kWh(energyWh: number | null): string | null {
  return energyWh === null ? null : `${(energyWh / 1000).toFixed(3)} kWh`;
}

export function kW(powerW: number | null): string | null {
  return powerW === null ? null : `${(powerW / 1000).toFixed(1)} kW`;
}

export function money(minor: number | null | undefined, currency: string): string | null {
  if (minor === null || minor === undefined) return null;
  return currency === 'IDR' ? `Rp ${minor.toLocaleString('en-US')}` : `${currency} ${minor} (minor units)`;
}

/** A moment without its fraction, still RFC 3339 UTC. */
export function moment(at: string | null): string | null {
  return at === null ? null : at.replace(/\.\d+Z$/, 'Z');
}

export function billOf(session: Session): string | null {
  return session.bill ? `${money(session.bill.totalMinor, session.bill.currency)}${session.bill.state === 'provisional' ? ' (provisional)' : ''}` : null;
}

/**
 * Each connector with its state: "1 Available, 2 Charging". Where a connector's number says less than its EVSE's (OCPP 2.0.1 counts connectors
 * anew in each EVSE) both are there: "1/1 Available, 2/1 Charging".
 */
export function connectorsOf(connectors: readonly Pick<Station['connectors'][number], 'evseId' | 'connectorId' | 'status'>[]): string {
  const both = new Set(connectors.map((connector) => connector.evseId)).size > 1 && connectors.some((connector) => connector.evseId !== connector.connectorId);
  return connectors.map(({ evseId, connectorId, status }) => `${both ? `${evseId}/` : ''}${connectorId} ${status}`).join(', ');
}
