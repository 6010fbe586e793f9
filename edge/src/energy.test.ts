import { expect, it } from 'vitest';
import { adoptRegister, integrate } from './energy.ts';

it('counts power times time: 7.2 kW for ten minutes are 1,200 Wh', () => {
  let register = { registerWh: 500, readAtMs: 0 as number | null };
  for (let second = 1; second <= 600; second += 1) register = integrate(register, 7_200, second * 1_000);
  expect(register.registerWh).toBeCloseTo(1_700, 6);
});

it('only rises: negative power, a repeated moment and a moment before add nothing; the first reading after a start begins to count', () => {
  const register = { registerWh: 10, readAtMs: 5_000 };
  expect(integrate(register, -7_200, 65_000).registerWh).toBe(10);
  expect(integrate(register, 7_200, 5_000)).toBe(register);
  expect(integrate(register, 7_200, 1_000)).toBe(register);
  expect(integrate({ registerWh: 10, readAtMs: null }, 7_200, 9_000_000)).toEqual({ registerWh: 10, readAtMs: 9_000_000 });
});

it('does not believe a hardware register that went backwards', () => {
  expect(adoptRegister({ registerWh: 100, readAtMs: 0 }, 40, 1).registerWh).toBe(100);
  expect(adoptRegister({ registerWh: 100, readAtMs: 0 }, 140, 1).registerWh).toBe(140);
});
