import { expect, it } from 'vitest';
import { StationAdmission, usualAdmission } from './station-admission.ts';

const station = { tenantId: 'demo', identity: 'CP_1', source: '10.0.0.1' };
const stranger = { ...station, source: '10.6.6.6' };
const admission = () => new StationAdmission(usualAdmission, null);
const trusted = { cost: 0, mayUseReserve: true };

it('C-08 a stranger that guesses at a station has to wait, which is told once, and the station does not, wherever it is', () => {
  const limits = admission();
  expect(limits.proved(station, 0)).toBeNull();
  const told = Array.from({ length: 8 }, (_, n) => limits.failed(stranger, n));
  expect(told.map(({ waiting, lockedOut }) => [waiting?.scope ?? null, lockedOut])).toEqual([...Array.from({ length: 5 }, () => [null, false]), [null, true], ['identity', false], ['identity', false]]);
  expect(limits.terms(stranger, 10)).toEqual({ cost: 5, mayUseReserve: false });
  expect(limits.waiting(station, 10)).toBeNull();
  expect(limits.terms(station, 10)).toEqual(trusted);
  expect(limits.waiting({ ...station, source: '10.7.7.7' }, 10), 'where it has never been').toBeNull();
});

it('C-08 whoever waits and comes again waits twice as long, and a right password ends it', () => {
  const limits = admission();
  let nowMs = 0;
  const waits: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    while (limits.waiting(stranger, nowMs) === null) limits.failed(stranger, nowMs);
    waits.push(limits.waiting(stranger, nowMs)?.waitMs ?? 0);
    nowMs += waits.at(-1) ?? 0;
  }
  expect(waits).toEqual([60_000, 120_000, 240_000, 480_000]);
  limits.proved(stranger, nowMs);
  expect(limits.waiting(stranger, nowMs)).toBeNull();
});

it('C-08 an address that fails with many names has to wait, and pays more; who came in from there before keeps its place until it fails itself', () => {
  const limits = admission();
  const neighbour = { ...station, identity: 'CP_2' };
  limits.proved(neighbour, 0);
  for (let identity = 0; identity < 10; identity += 1) for (let n = 0; n < 5; n += 1) limits.failed({ ...station, identity: `LOST-${identity}` }, n);
  expect(limits.waiting({ ...station, identity: 'NEW' }, 10)?.scope).toBe('source');
  expect(limits.terms({ ...station, identity: 'NEW' }, 10).cost).toBe(5);
  expect(limits.terms(neighbour, 10)).toEqual(trusted);
  // Somebody else behind that address uses its name: also while the address waits, it counts.
  for (let n = 0; n < 6; n += 1) limits.failed(neighbour, 20 + n);
  expect(limits.terms(neighbour, 30)).toEqual({ cost: 5, mayUseReserve: false });
});

it('C-08 a TLS handshake may use what is kept for known stations where one came in from its address, for as long as it is known there', () => {
  const limits = admission();
  expect(limits.handshakeTerms(station.source).mayUseReserve).toBe(false);
  limits.proved(station, 0);
  limits.proved(station, 1);
  expect(limits.handshakeTerms(station.source).mayUseReserve).toBe(true);
  limits.proved({ ...station, source: '10.0.0.2' }, 2);
  expect([station.source, '10.0.0.2'].map((source) => limits.handshakeTerms(source).mayUseReserve)).toEqual([false, true]);
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
    expect(limits.waiting(each, n)).toBeNull();
    expect(limits.proved(each, n)).toBeNull();
  }
});
