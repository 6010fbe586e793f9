import type pg from 'pg';
import { expect, it } from 'vitest';
import { eachTenant } from './each-tenant.ts';

const pool = { query: async () => ({ rows: ['bad', 'good', 'worse', 'last'].map((id) => ({ id })) }) } as unknown as pg.Pool;

it('what fails for one tenant keeps it from no other, and is said at the end', async () => {
  const served: string[] = [];
  const failing = (names: string[]) => eachTenant(pool, async (tenant) => { if (names.includes(tenant)) throw new Error(`${tenant} fails`); served.push(tenant); });
  await expect(failing(['bad'])).rejects.toThrow('bad fails');
  expect(served.splice(0)).toEqual(['good', 'worse', 'last']);
  await expect(failing(['bad', 'worse'])).rejects.toThrow('2 tenants: Error: bad fails');
  expect(served).toEqual(['good', 'last']);
});
