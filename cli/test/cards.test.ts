import { BillReadPage, CardPolicy, Driver, Enrolment, ImportReport, SessionPage, Token } from '@csms/contracts/http/index';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { startTestPlatform, type ChargerAtGateway, type TestPlatform } from '../../services/api/test/with-charger.ts';
import { exitCodes } from '../src/exit.ts';
import { runCli } from '../src/program.ts';

/* Drivers, cards, enrolment and imports as a person asks for them: csmsctl against an API that listens, with a gateway process and a charger behind it. */
const dir = mkdtempSync(join(tmpdir(), 'csmsctl-cards-'));
let platform: TestPlatform;
let charger: ChargerAtGateway;
let apiUrl: string;
beforeAll(async () => {
  platform = await startTestPlatform();
  apiUrl = `${await platform.api.app.listen({ port: 0, host: '127.0.0.1' })}/api/v1`;
  charger = await platform.aCharger('CP_1');
});
afterAll(async () => { await platform?.close(); rmSync(dir, { recursive: true, force: true }); });

async function csmsctl(argv: string[], token = platform.admin): Promise<{ code: number; out: string; err: string }> {
  let [out, err] = ['', ''];
  const code = await runCli(argv, { out: (text) => { out += text; }, err: (text) => { err += text; }, color: false, env: { CSMS_API_URL: apiUrl, CSMS_TOKEN: token } });
  return { code, out, err };
}
async function json<T extends z.ZodType>(line: string, schema: T, code: number = exitCodes.done): Promise<z.infer<T>> {
  const answer = await csmsctl([...line.split(' '), '-o', 'json']);
  expect(answer.code, answer.err).toBe(code);
  return schema.parse(JSON.parse(answer.out));
}
const file = (name: string, ...lines: string[]): string => { const path = join(dir, name); writeFileSync(path, `${lines.join('\n')}\n`); return path; };

it('drivers and cards: added, found by number, blocked, freed, removed; a number is never printed', async () => {
  const sari = await json('drivers add Sari --email sari@example.org --ref u-1', Driver);
  const card = await json('cards add 04A2B6C8D1E211 --driver sari', Token);
  expect(card).toMatchObject({ uidMasked: '04••••11', driverName: 'Sari', driverId: sari.id });
  expect((await json('cards get 04a2b6c8d1e211', Token)).id).toBe(card.id);
  expect(await json('drivers get Sari', z.looseObject({ tokens: z.array(Token) }))).toMatchObject({ cards: 1, tokens: [{ id: card.id }] });
  expect(await json('drivers block Sari', Driver)).toMatchObject({ status: 'blocked' });
  const freed = await csmsctl(['cards', 'unblock', '04A2B6C8D1E211']);
  expect([freed.code, freed.err]).toEqual([exitCodes.refused, expect.stringContaining('its driver is blocked')]);
  await json('drivers unblock Sari', Driver);
  expect(await json('cards block 04A2B6C8D1E211', Token)).toMatchObject({ status: 'blocked', blockedBy: 'card' });
  await csmsctl(['cards', 'groups', '--add', 'taxis', '--parent', 'TAXI-0001']);
  expect(await json('cards add 04FFFF0102 --driver-name Taxi7 --group taxis', Token)).toMatchObject({ groupName: 'taxis', parentUidMasked: 'TA••••01' });
  expect(await json('cards policy --concurrent-use allow', CardPolicy)).toEqual({ concurrentUse: 'allow' });
  expect((await csmsctl(['cards', 'policy', '--concurrent-use', 'sometimes'])).code).toBe(exitCodes.refused);
  expect((await csmsctl(['cards', 'remove', '04FFFF0102'])).code, 'without --yes').toBe(exitCodes.usage);
  expect((await csmsctl(['cards', 'remove', '04FFFF0102', '--yes'])).out).toContain('removed');
  for (const [argv, code] of [[['cards', 'get', '04FFFF0102'], exitCodes.notFound], [['drivers', 'get', 'Nobody'], exitCodes.notFound], [['cards', 'add', '04A2B6C8D1E211'], exitCodes.refused]] as const) expect((await csmsctl([...argv])).code, argv.join(' ')).toBe(code);
  for (const argv of [['cards'], ['drivers'], ['cards', '-o', 'json']]) expect((await csmsctl(argv)).out).not.toMatch(/04A2B6C8D1E211|card:/i);
});

it('enrol: a card that is held to the station is registered for who was named', async () => {
  const waiting = csmsctl(['enrol', 'CP_1', '--driver', 'Sari', '-o', 'json']);
  await expect.poll(async () => (await platform.api.admin.query(`SELECT 1 FROM enrolment WHERE state = 'open'`)).rowCount).toBe(1);
  charger.plug(1);
  charger.hardware.tap(1, '04ABCDEF77');
  const { code, out, err } = await waiting;
  expect([code, err]).toEqual([exitCodes.done, expect.stringContaining('04••••77 was held to CP_1')]);
  expect(Token.parse(JSON.parse(out))).toMatchObject({ uidMasked: '04••••77', driverName: 'Sari' });
  // Look alone registers nothing, and leaves the station free for the next window.
  const looking = csmsctl(['enrol', 'CP_1', '--look', '-o', 'json']);
  await expect.poll(async () => (await platform.api.admin.query(`SELECT 1 FROM enrolment WHERE state = 'open'`)).rowCount).toBe(1);
  charger.hardware.tap(2, '04ABCDEF88');
  expect(Enrolment.parse(JSON.parse((await looking).out))).toMatchObject({ state: 'offered', uidMasked: '04••••88' });
  expect((await csmsctl(['cards', 'get', '04ABCDEF88'])).code).toBe(exitCodes.notFound);
  expect((await platform.api.admin.query(`SELECT 1 FROM enrolment WHERE state IN ('open', 'offered')`)).rowCount).toBe(0);
});

it('import: a dry run keeps nothing and says each line that would be refused; the real one keeps the rest; the same again changes nothing', async () => {
  const people = file('drivers.csv', 'ref,name,email', '10,Budi,budi@example.org', '11,,nobody@example.org', '12,"Wati, dr.",');
  const dry = await csmsctl(['import', 'drivers', people, '--dry-run']);
  expect([dry.code, dry.out]).toEqual([exitCodes.refused, expect.stringMatching(/3 +name: [\s\S]*dry run, nothing is kept: 2 created, 0 updated, 0 unchanged, 1 refused, of 3 rows/)]);
  expect((await platform.api.admin.query(`SELECT 1 FROM driver WHERE external_ref = '10'`)).rowCount).toBe(0);
  expect(await json(`import drivers ${people}`, ImportReport, exitCodes.refused)).toMatchObject({ created: 2, refused: 1 });
  expect(await json(`import drivers ${people}`, ImportReport, exitCodes.refused)).toMatchObject({ created: 0, unchanged: 2, refused: 1 });
  expect(await json(`import drivers ${file('new-name.csv', 'ref,name', '10,Budi S.')}`, ImportReport)).toMatchObject({ updated: 1 });

  const cards = file('cards.csv', 'card,driver_ref,group,status,valid_until', 'DEMO-123,10,staff,active,2099-01-01 00:00:00', 'DEMO-124,99,,active,', 'demo-123,10,staff,active,2099-01-01 00:00:00', 'DEMO-125,12,,blocked,');
  expect(await json(`import cards ${cards}`, ImportReport, exitCodes.refused)).toMatchObject({ created: 2, unchanged: 1, refused: 1, rows: [{}, { line: 3, detail: 'no driver has the reference 99: import drivers first' }, {}, {}] });
  expect(await json('cards get DEMO-123', Token)).toMatchObject({ driverName: 'Budi S.', groupName: 'staff', status: 'active', validUntil: '2099-01-01T00:00:00.000Z' });
  expect(await json('cards block DEMO-123', Token)).toMatchObject({ status: 'blocked' });
  expect(await json(`import cards ${cards}`, ImportReport, exitCodes.refused)).toMatchObject({ created: 0, updated: 0, unchanged: 3 });
  expect(await json('cards get DEMO-123', Token), 'a file frees nobody').toMatchObject({ status: 'blocked' });
});

it('import: past transactions are sessions once, with the bill that was made there and none of ours', async () => {
  await platform.api.call('POST', '/tariffs', platform.admin, { name: 'T', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 0, idleGraceMinutes: 0, validFrom: '2020-01-01T00:00:00.000Z' });
  const header = 'ref,station,card,started_at,ended_at,meter_start_wh,meter_stop_wh,energy_kwh,amount,currency';
  const past = file('past.csv', header, '1,CP_1,DEMO-123,2025-03-01 08:00:00,2025-03-01 09:00:00,0,5000,,12330,IDR', '2,CP_1,STRANGER-9,2025-03-02 08:00:00,2025-03-02 09:00:00,,,7.5,,', '3,CP_9,DEMO-123,2025-03-01 08:00:00,2025-03-01 09:00:00,0,5000,,,',
    '4,CP_1,DEMO-123,2025-03-01 10:00:00,2025-03-01 09:00:00,0,5000,,,', '5,CP_1,DEMO-123,2025-03-01 08:00:00,2025-03-01 09:00:00,0,5000,9,,', '6,CP_1,DEMO-123,2025-03-01 08:00:00,2099-03-01 09:00:00,0,5000,,,', '7,CP_1,DEMO-123,2025-03-01 08:00:00,2025-03-01 09:00:00,0,5000,,5,USD');
  const report = await json(`import transactions ${past}`, ImportReport, exitCodes.refused);
  expect(report).toMatchObject({ created: 2, refused: 5 });
  expect(report.rows.filter((row) => row.outcome === 'refused').map((row) => [row.line, row.detail])).toEqual([
    [4, 'no station with the identity CP_9 is registered'], [5, 'ended_at is before started_at'], [6, 'energy is not the difference of the two registers'], [7, 'ended_at is in the future: only what has ended is imported'], [8, 'bills here are in IDR, this one is in USD'],
  ]);
  expect(await json(`import transactions ${past}`, ImportReport, exitCodes.refused)).toMatchObject({ created: 0, unchanged: 2, refused: 5 });
  const { items } = SessionPage.parse((await platform.api.call('GET', '/sessions?until=2026-01-01T00:00:00.000Z', platform.admin)).body);
  expect(items).toMatchObject([{ source: 'import', energyWh: 7_500, driverName: null, tokenMasked: 'ST••••-9', bill: null }, { source: 'import', energyWh: 5_000, driverName: 'Budi S.', state: 'ended', bill: { totalMinor: 12_330, state: 'final' } }]);
  expect(BillReadPage.parse((await platform.api.call('GET', '/bills', platform.admin)).body).items.filter((bill) => items.some((session) => session.id === bill.sessionId))).toHaveLength(1);
  const { rows } = await platform.api.admin.query(`SELECT 1 FROM session WHERE token_uid ~* 'DEMO-123|STRANGER'`);
  expect(rows).toEqual([]);
});

it('import: a file that is none costs one sentence', async () => {
  for (const [name, lines, says] of [['strange.csv', ['card,colour', 'A,red'], 'nobody knows the column "colour"'], ['open.csv', ['card', '"A'], 'a quote is never closed']] as const) {
    const answer = await csmsctl(['import', 'cards', file(name, ...lines)]);
    expect([answer.code, answer.err]).toEqual([exitCodes.usage, expect.stringContaining(says)]);
  }
  expect((await csmsctl(['import', 'cards', join(dir, 'nowhere.csv')])).code).toBe(exitCodes.usage);
  expect((await csmsctl(['import', 'cards', file('cards-again.csv', 'card', 'A')], platform.operator)).code, 'an operator brings nobody').toBe(exitCodes.refused);
});
