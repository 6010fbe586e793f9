import { withFlag, withoutFlag, type SessionState } from '@csms/domain/session/session-state';
import { isComplete } from '@csms/domain/session/transaction-event';
import { priceSession } from '@csms/domain/tariff/price-session';
import type { BillLine, Price } from '@csms/domain';

/** A tariff as the books hold it, newest first in every list of them. */
export interface TariffRow {
  id: string; siteId: string | null; currency: string; energyPerKwhMinor: number; sessionFeeMinor: number; idlePerMinuteMinor: number; idleGraceMinutes: number;
  validFrom: Date; validUntil: Date | null;
}

/** What a session's bill says. */
export interface CountedBill { tariffId: string | null; currency: string; energyWh: number; totalMinor: number; lines: BillLine[]; final: boolean }

/**
 * The bill of a closed session, by the tariff of its start (the site's own before the tenant's), and the session with the flags that it earned.
 * Final when the session ended in full; where the amount cannot be counted exactly the bill is provisional and of nothing, and a person looks at it.
 */
export function countBill(session: SessionState, tariffs: readonly TariffRow[], station: { siteId: string; currency: string }): { bill: CountedBill; session: SessionState } {
  const holds = (tariff: TariffRow) => tariff.validFrom <= session.startedAt && (tariff.validUntil === null || tariff.validUntil > session.startedAt);
  const tariff = tariffs.find((each) => each.siteId === station.siteId && holds(each)) ?? tariffs.find((each) => each.siteId === null && holds(each));
  const energyWh = session.energyWh ?? 0;
  const price = tariff ? exactPrice({ energyWh, idleSeconds: session.idleSeconds, tariff }) : null;
  const unpriceable = tariff !== undefined && price === null;
  let said = unpriceable ? withFlag(session, 'unpriceable') : withoutFlag(session, 'unpriceable');
  if (!tariff) said = withFlag(said, 'no-tariff');
  return {
    session: said,
    bill: {
      tariffId: tariff?.id ?? null, currency: price?.currency ?? tariff?.currency ?? station.currency, energyWh: price?.energyWh ?? (energyWh >= 0 ? energyWh : 0),
      totalMinor: price?.totalMinor ?? 0, lines: price?.lines ?? [], final: session.state === 'ended' && !unpriceable && (session.ocppVersion === 'ocpp1.6' || isComplete(session)),
    },
  };
}

/** Null where the amount is beyond what can be counted exactly. */
function exactPrice(input: Parameters<typeof priceSession>[0]): Price | null {
  try {
    return priceSession(input);
  } catch (error) {
    if (error instanceof RangeError) return null;
    throw error;
  }
}
