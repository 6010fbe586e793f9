import type { Charger } from './charger.ts';
import type { TruthReading, TruthTransaction } from './truth.ts';

/*
 * What a charger does for its living, each step written to the truth log before its frame is. Steps are apart so that a scenario can put them in any
 * order; `chargeOnce` is the usual one.
 */

/** A transaction begins at the charger: true from now on, whoever knows it. */
export function beginTransaction(charger: Charger, given: { connectorId: number; idTag: string; startedAt: Date; meterStartWh: number }): TruthTransaction {
  const transaction: TruthTransaction = { ...given, startedAt: given.startedAt.toISOString(), startTries: 0, ids: [], readings: [], stop: null };
  charger.truth.transactions.push(transaction);
  return transaction;
}

/** Sends its start until it is answered; null when the charger was closed. */
export async function sendStart(charger: Charger, transaction: TruthTransaction): Promise<number | null> {
  const { connectorId, idTag, meterStartWh, startedAt } = transaction;
  const answer = await charger.deliver('StartTransaction', () => ({ connectorId, idTag, meterStart: meterStartWh, timestamp: startedAt }), () => { transaction.startTries += 1; });
  if (answer === null) return null;
  const id = Number(answer['transactionId']);
  transaction.ids.push(id);
  return id;
}

export async function sendReading(charger: Charger, transaction: TruthTransaction, at: Date, registerWh: number): Promise<void> {
  const reading: TruthReading = { at: at.toISOString(), registerWh, tries: 0, acknowledged: false };
  transaction.readings.push(reading);
  await sendReadingAgain(charger, transaction, reading);
}

export async function sendReadingAgain(charger: Charger, transaction: TruthTransaction, reading: TruthReading): Promise<void> {
  const answer = await charger.deliver('MeterValues', () => ({
    connectorId: transaction.connectorId, transactionId: transaction.ids[0],
    meterValue: [{ timestamp: reading.at, sampledValue: [{ value: String(reading.registerWh), measurand: 'Energy.Active.Import.Register', unit: 'Wh' }, { value: '7000', measurand: 'Power.Active.Import', unit: 'W' }] }],
  }), () => { reading.tries += 1; });
  if (answer !== null) reading.acknowledged = true;
}

export async function sendStop(charger: Charger, transaction: TruthTransaction, at: Date, meterStopWh: number): Promise<void> {
  transaction.stop ??= { at: at.toISOString(), meterStopWh, tries: 0, acknowledged: false };
  const { stop } = transaction;
  const answer = await charger.deliver('StopTransaction', () => ({ transactionId: transaction.ids[0], idTag: transaction.idTag, meterStop: stop.meterStopWh, timestamp: stop.at, reason: 'Local' }), () => { stop.tries += 1; });
  if (answer !== null) stop.acknowledged = true;
}

/** A stop whose start the platform does not have. */
export async function sendOrphanStop(charger: Charger, given: { transactionId: number; at: Date; meterStopWh: number; idTag?: string }): Promise<void> {
  const { transactionId, meterStopWh, idTag } = given;
  const orphan = { transactionId, at: given.at.toISOString(), meterStopWh, acknowledged: false };
  charger.truth.orphans.push(orphan);
  const answer = await charger.deliver('StopTransaction', () => ({ transactionId, meterStop: meterStopWh, timestamp: orphan.at, ...(idTag === undefined ? {} : { idTag }) }));
  orphan.acknowledged = answer !== null;
}

/** A status is told once; a charger that was cut off tells its newest again when it is back. */
export async function sendStatus(charger: Charger, connectorId: number, status: string, at: Date): Promise<void> {
  const said = { connectorId, status, at: at.toISOString(), acknowledged: false };
  charger.truth.statuses.push(said);
  const end = await charger.call('StatusNotification', { connectorId, errorCode: 'NoError', status, timestamp: said.at });
  said.acknowledged = end.kind === 'result';
}

export function sendBoot(charger: Charger): Promise<unknown> {
  return charger.call('BootNotification', { chargePointVendor: 'Fault', chargePointModel: 'Light' });
}
