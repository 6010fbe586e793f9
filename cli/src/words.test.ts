import { expect, it } from 'vitest';
import { connectorsOf } from './words.ts';

const at = (evseId: number, connectorId: number, status: 'Available' | 'Charging' = 'Available') => ({ evseId, connectorId, status });

it.each([
  ['of 1.6, where a connector is its own EVSE', [at(1, 1), at(2, 2, 'Charging')], '1 Available, 2 Charging'],
  ['of 2.0.1 with several EVSEs', [at(1, 1), at(2, 1, 'Charging')], '1/1 Available, 2/1 Charging'],
  ['of 2.0.1 with one EVSE of two plugs', [at(1, 1), at(1, 2, 'Charging')], '1 Available, 2 Charging'],
  ['of a station that said nothing yet', [], ''],
])('names the connectors %s', (_of, connectors, said) => {
  expect(connectorsOf(connectors)).toBe(said);
});
