/** Prices in integer minor units of the currency (IDR: whole rupiah). */
export interface Tariff {
  id: string;
  currency: string;
  energyPerKwhMinor: number;
  sessionFeeMinor: number;
  idlePerMinuteMinor: number;
  idleGraceMinutes: number;
}

/** One line of the calculation; amountMinor = half-up(quantity x unitPriceMinor). */
export interface BillLine {
  kind: 'energy' | 'idle' | 'session-fee';
  quantity: number;
  unit: 'kWh' | 'min' | 'session';
  unitPriceMinor: number;
  amountMinor: number;
}

export interface Price {
  currency: string;
  energyWh: number;
  lines: BillLine[];
  totalMinor: number;
}
