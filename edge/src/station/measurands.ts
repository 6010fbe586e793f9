import type { Reading } from '../queue/transaction-record.ts';

/** What this charger's meter can tell (OCPP 1.6, 7.31), and the part of a reading that it is. */
const partOf: { readonly [measurand: string]: keyof Reading | undefined } = {
  'Energy.Active.Import.Register': 'registerWh', 'Power.Active.Import': 'powerW', Voltage: 'voltageV', 'Current.Import': 'currentA', SoC: 'socPercent',
};

/** A list of measurands as a configuration key has it: each known, none or many, separated by commas. */
export function isMeasurandList(value: string): boolean {
  return value === '' || value.split(',').every((measurand) => Object.hasOwn(partOf, measurand.trim()));
}

/** The reading without what was not asked for. The register stays: it is what a transaction is settled by. */
export function selectMeasurands(reading: Reading, measurandList: string): Reading {
  const wanted = new Set(measurandList.split(',').map((measurand) => partOf[measurand.trim()]));
  return {
    registerWh: reading.registerWh,
    ...(wanted.has('powerW') && { powerW: reading.powerW }), ...(wanted.has('voltageV') && { voltageV: reading.voltageV }),
    ...(wanted.has('currentA') && { currentA: reading.currentA }), ...(wanted.has('socPercent') && { socPercent: reading.socPercent }),
  };
}
