import type { Session } from '@csms/contracts/http/index';

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
