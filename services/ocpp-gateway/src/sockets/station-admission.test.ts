import { expect, it } from 'vitest';
import { StationAdmission, usualAdmission } from './station-admission.ts';

const station = { tenantId: 'demo', identity: 'CP_1', source: '10.0.0.1' };
const stranger = { ...station, source: '10.6.6.6' };
const admission = () => new StationAdmission(usualAdmission, null);

it('C-08 a stranger that guesses at a station is refused, and the station is not, where it is known', () => {
  const limits = admission();
  expect(limits.proved(station, 0)).toBeNull();
  for (let n = 0; n < 6; n += 1) limits.failed(stranger, n);
  expect(limits.refusal(stranger, 10)).toEqual({ scope: 'identity', waitMs: expect.any(Number) });
  expect(limits.refusal({ ...stranger, source: '10.7.7.7' }, 10)?.scope, 'from another address too').toBe('identity');
  expect(limits.refusal(station, 10)).toBeNull();
});

it('C-08 a station that is not set right keeps itself out, and nobody else behind its address who came in before', () => {
  const limits = admission();
  const neighbour = { ...station, identity: 'CP_2' };
  limits.proved(neighbour, 0);
  for (let identity = 0; identity < 10; identity += 1) for (let n = 0; n < 5; n += 1) limits.failed({ ...station, identity: `LOST-${identity}` }, n);
  expect(limits.refusal({ ...station, identity: 'NEW' }, 10)?.scope).toBe('source');
  expect(limits.refusal(neighbour, 10)).toBeNull();
  for (let n = 0; n < 6; n += 1) limits.failed(neighbour, 20 + n);
  expect(limits.refusal(neighbour, 30)?.scope, 'its own failures count').toBe('identity');
});

it('C-08 a station that connects more than 60 times in an hour has to wait, each of them alone', () => {
  const limits = admission();
  const told = Array.from({ length: 62 }, (_, n) => limits.proved(station, n * 1_000));
  expect(told.slice(0, 61).every((each) => each === null)).toBe(true);
  expect(told[61]).toEqual({ scope: 'reconnects', waitMs: expect.any(Number) });
  expect(limits.proved({ ...station, identity: 'CP_2' }, 62_000)).toBeNull();
});

it('C-08 thousands that come in from one address are not hindered', () => {
  const limits = admission();
  for (let n = 0; n < 5_000; n += 1) {
    const each = { ...station, identity: `CP_${n}` };
    expect(limits.refusal(each, n)).toBeNull();
    expect(limits.proved(each, n)).toBeNull();
  }
});
