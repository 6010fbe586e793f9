import { Problem } from '@csms/contracts/http/common';
import { Tariff } from '@csms/contracts/http/commerce';
import { LegacyUser } from '@csms/contracts/http/legacy';
import { Overview } from '@csms/contracts/http/sites';
import { StationCreated } from '@csms/contracts/http/stations';
import { uuidv7 } from '@csms/kit';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { aSession } from './book-rows.ts';
import { startTestApi, type TestApi } from './harness.ts';

/* What a caller may send, at its edges: beyond them it is the caller's mistake, told as one, and never an error of ours. */
let api: TestApi;
let admin: string;
let siteId: string;
beforeAll(async () => {
  api = await startTestApi();
  admin = await api.tokenFor('demo', 'admin');
  siteId = await api.site('demo', 'one');
});
afterAll(async () => { await api.close(); });

const answerOf = async (method: string, path: string, body?: unknown, token = admin) => {
  const answer = await api.call(method, path, token, body);
  return [answer.status, answer.status < 400 ? null : Problem.parse(answer.body).code];
};
const invalid = [400, 'invalid-request'];
const tariff = { name: 'Siang', energyPerKwhMinor: 2_466, sessionFeeMinor: 0, idlePerMinuteMinor: 300, idleGraceMinutes: 10, validFrom: '2026-01-01T00:00:00.000Z' };

it.each([
  ['a price below nothing', { energyPerKwhMinor: -1 }], ['a fee below nothing', { sessionFeeMinor: -1 }], ['an idle price below nothing', { idlePerMinuteMinor: -1 }], ['minutes below nothing', { idleGraceMinutes: -1 }],
  ['a price beyond its column', { energyPerKwhMinor: 2 ** 31 }], ['a price beyond safe numbers', { energyPerKwhMinor: 2 ** 60 }], ['minutes beyond their column', { idleGraceMinutes: 2 ** 31 }],
  ['no name', { name: '' }], ['a name of blanks', { name: '  ' }], ['a name without end', { name: 'x'.repeat(101) }],
  ['an end before its beginning', { validUntil: '2025-12-31T00:00:00.000Z' }], ['an end at its beginning', { validUntil: '2026-01-01T00:00:00.000Z' }],
  ['the currency of somebody else', { currency: 'USD' }], ['no currency at all', { currency: '???' }], ['a year that no calendar has', { validFrom: '0000-01-01T00:00:00Z' }],
])('a tariff with %s is refused', async (_title, more) => {
  expect(await answerOf('POST', '/tariffs', { ...tariff, ...more })).toEqual(invalid);
});

it('a tariff is in the currency of its tenant, said or not', async () => {
  for (const more of [{}, { currency: 'IDR' }]) expect(Tariff.parse((await api.call('POST', '/tariffs', admin, { ...tariff, ...more })).body).currency).toBe('IDR');
  await api.site('boulder', 'usa');
  await api.admin.query(`UPDATE tenant SET currency = 'USD' WHERE id = 'boulder'`);
  const theirs = await api.tokenFor('boulder', 'admin');
  expect(Tariff.parse((await api.call('POST', '/tariffs', theirs, tariff)).body).currency).toBe('USD');
  const refused = await api.call('POST', '/tariffs', theirs, { ...tariff, currency: 'IDR' });
  expect(Problem.parse(refused.body)).toMatchObject({ status: 400, code: 'invalid-request', errors: [{ path: 'body.currency' }] });
});

it('money of another currency is in no sum of the first screen', async () => {
  api.clock.now = new Date('2026-03-10T05:30:00Z');
  const station = uuidv7();
  await api.inTenant('demo', async (client) => {
    await client.query(`INSERT INTO station (tenant_id, id, site_id, identity) VALUES ('demo', $1, $2, 'MONEY')`, [station, siteId]);
    for (const [minor, currency] of [[1_000, 'IDR'], [20_000, 'USD']] as const) {
      const id = await aSession(client, { station, startedAt: new Date('2026-03-10T02:00:00Z'), endedAt: new Date('2026-03-10T03:00:00Z'), billMinor: minor });
      await client.query('UPDATE bill SET currency = $2 WHERE session_id = $1', [id, currency]);
    }
  });
  const overview = Overview.parse((await api.call('GET', '/overview', admin)).body);
  expect(overview).toMatchObject({ currency: 'IDR', today: { totalMinor: 1_000, sessions: 2 } });
});

it('times that no calendar has are refused, in queries and in cursors', async () => {
  for (const query of ['from=0000-01-01T00:00:00Z', 'until=0000-12-31T23:59:59Z', 'from=2026-02-30T00:00:00Z']) expect(await answerOf('GET', `/sessions?${query}`), query).toEqual(invalid);
  for (const time of ['2026-13-01T00:00:00.000000Z', '2026-02-30T00:00:00.000000Z', '2026-01-01T25:00:00.000000Z', '2026-01-01T00:61:00.000000Z', '0000-01-01T00:00:00.000000Z', '999999-01-01T00:00:00.000000Z']) {
    const cursor = Buffer.from(JSON.stringify([time, uuidv7()])).toString('base64url');
    for (const path of ['/sessions', '/bills', '/tokens', '/audit']) expect(await answerOf('GET', `${path}?cursor=${cursor}`), time).toEqual([400, 'invalid-cursor']);
  }
});

it('what PostgreSQL refuses of a value is the caller\'s mistake, whichever check it failed', async () => {
  await api.admin.query(`ALTER TABLE token ADD CONSTRAINT no_stones CHECK (driver_name <> 'stone')`);
  await api.admin.query(`CREATE FUNCTION refuse_divided() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN IF NEW.driver_name = 'divided' THEN PERFORM 1 / (length(NEW.driver_name) - 7); END IF; RETURN NEW; END $$`);
  await api.admin.query('CREATE TRIGGER refuse_divided BEFORE INSERT ON token FOR EACH ROW EXECUTE FUNCTION refuse_divided()');
  for (const driverName of ['stone', 'divided']) expect(await answerOf('POST', '/tokens', { uid: `CHECK-${driverName}`, driverName })).toEqual(invalid);
});

it.each([['an empty one', ''], ['a slash', 'CP/1'], ['a control character', 'CP\u00071'], ['a line feed at its end', 'CP1\n'], ['a NUL', 'CP\u0000'], ['a blank at its beginning', ' CP1'], ['a blank at its end', 'CP1 '], ['a letter that is not ASCII', 'CPé'], ['dots that a URL takes away', '..'], ['49 characters', 'x'.repeat(49)]])(
  'a station is not registered under an identity with %s: no socket could ever come under it', async (_title, identity) => {
    expect(await answerOf('POST', '/stations', { siteId, identity })).toEqual(invalid);
  });

it('a station is registered under any identity that a socket can come under', async () => {
  for (const identity of ['C', 'x'.repeat(48), 'CP 1', 'CP:1*_-.%', 'EVSE#2?']) {
    const made = StationCreated.parse((await api.call('POST', '/stations', admin, { siteId, identity })).body);
    expect(decodeURIComponent(new URL(made.credential.url).pathname.split('/').at(-1)!)).toBe(identity);
  }
});

it('a card number is text that a reader could have read', async () => {
  for (const uid of ['A\u0007', 'A\n', '\ud800', 'A\udc00B', '', 'x'.repeat(37)]) {
    expect(await answerOf('POST', '/tokens', { uid }), JSON.stringify(uid)).toEqual(invalid);
    if (uid !== '') expect(await answerOf('POST', '/tokens', { uid: 'GOOD', parentUid: uid }), JSON.stringify(uid)).toEqual(invalid);
    expect(await answerOf('POST', '/users', { uid, name: 'x' }), JSON.stringify(uid)).toEqual(invalid);
  }
  expect(await answerOf('POST', '/tokens', { uid: 'Kartu 🚗', parentUid: 'P-1' })).toEqual([201, null]);
});

it('the prototype\'s way to register a card is the same card', async () => {
  const made = await api.call('POST', '/users', admin, { uid: '04A2B6C8D1E281', name: 'Sari' });
  expect(made.status).toBe(201);
  const user = LegacyUser.parse(made.body);
  expect(user).toMatchObject({ id_tag: '04••••81', name: 'Sari' });
  expect((await api.call('GET', '/users', admin)).body).toContainEqual(user);
  expect(await answerOf('POST', '/users', { uid: '04a2b6c8d1e281', name: 'Sari' })).toEqual([409, 'already-registered']);
  const { rows } = await api.admin.query(`SELECT action FROM audit WHERE target = $1`, [user.id]);
  expect(rows).toEqual([{ action: 'token.register' }]);
});
