import { ChargingPlanRead, Composite, LocalList, Reservation } from '@csms/contracts/http/index';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestPlatform, type TestPlatform } from '../../services/api/test/with-charger.ts';
import { exitCodes } from '../src/exit.ts';
import { runCli } from '../src/program.ts';

/* csmsctl against an API that listens, with a gateway process and a charger behind it: lists, reservations and plans as a person sets them. */
let platform: TestPlatform;
let apiUrl: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  apiUrl = `${await platform.api.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1`;
  for (const uid of ['CARD-A', 'CARD-B']) await platform.api.call('POST', '/tokens', platform.admin, { uid });
  await platform.aCharger('CP_1', { ChargeProfileMaxStackLevel: '3' });
});
afterAll(async () => { await platform?.close(); });

async function csmsctl(line: string): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(line.split(' '), { out: (text) => { out += text; }, err: (text) => { err += text; }, color: false, env: { CSMS_API_URL: apiUrl, CSMS_TOKEN: platform.operator } });
  return { code, out, err };
}
async function json<T extends z.ZodType>(line: string, schema: T): Promise<z.infer<T>> {
  const { code, out, err } = await csmsctl(`${line} -o json`);
  expect([code, err]).toEqual([exitCodes.done, '']);
  return schema.parse(JSON.parse(out));
}

it('local-list: shows, brings in step, and says what differs', async () => {
  expect((await csmsctl('local-list show CP_1')).out).toMatch(/state +never-synced[\s\S]*differences +2 missing, 0 changed, 0 only there[\s\S]*CARD +DIFFERENCE\n••••-A +missing/);
  expect(await json('local-list sync CP_1', LocalList)).toMatchObject({ state: 'in-step', size: 2 });
  expect((await csmsctl('local-list sync CP_1 --full')).out).toMatch(/version +2, the station said 1/);
  expect((await csmsctl('local-list show CP_9')).code).toBe(exitCodes.notFound);
});

it('reservations: create, list, cancel; a refusal has its own exit code', async () => {
  const made = await json('reservations create CP_1 --token CARD-A --evse 1 --minutes 10', Reservation);
  expect(made).toMatchObject({ state: 'active', evseId: 1 });
  expect(await json('reservations --open --station CP_1', z.array(Reservation))).toMatchObject([{ id: made.id }]);
  const refused = await csmsctl('reservations create CP_1 --token CARD-B --evse 1');
  expect([refused.code, refused.err]).toEqual([exitCodes.refused, 'csmsctl: CP_1 refused: Occupied\n']);
  expect((await csmsctl(`reservations cancel ${made.id}`)).out).toMatch(/state +cancelled/);
  expect(await csmsctl(`reservations cancel ${made.id}`)).toMatchObject({ code: exitCodes.refused, err: expect.stringContaining('reservation-not-open') });
  expect((await csmsctl('reservations cancel 7')).code).toBe(exitCodes.usage);
  expect((await csmsctl('reservations create CP_1 --token NOBODY')).err).toContain('card-not-accepted');
});

it('charging-plans: set, list, composite, clear', async () => {
  const plan = await json('charging-plans set CP_1 --purpose session-default --evse 1 --level 2 --daily --start 2026-01-01T00:00:00Z --unit W --period 0:4000:1 --period 43200:3000:1', ChargingPlanRead);
  expect(plan).toMatchObject({ state: 'accepted', kind: 'Recurring', recurrency: 'Daily', periods: [{ startS: 0, limit: 4_000, numberPhases: 1 }, { startS: 43_200, limit: 3_000, numberPhases: 1 }] });
  expect((await csmsctl('charging-plans list CP_1 --installed')).out).toMatch(/session-default +2 +accepted +daily 2026-01-01T00:00:00Z +4000 W on 1, 43200 s: 3000 W on 1/);
  expect(await json('charging-plans composite CP_1 --evse 1', Composite)).toMatchObject({ differences: [] });
  expect((await csmsctl('charging-plans composite CP_1 --evse 1 --duration 60')).out).toMatch(/differences +none/);
  expect(await csmsctl('charging-plans set CP_1 --purpose session-default --level 4 --period 0:1')).toMatchObject({ code: exitCodes.refused, err: expect.stringContaining('ChargeProfileMaxStackLevel') });
  expect((await csmsctl('charging-plans set CP_1 --purpose session-default --period x')).code).toBe(exitCodes.usage);
  expect((await csmsctl('charging-plans clear CP_1')).out).toMatch(/cleared +1/);
});
