import { cardKeysOfPepper } from '@csms/store/cards/card-keys';
import { pause } from '../chargers/charger.ts';
import { beginTransaction, sendStart, sendStop } from '../chargers/charging.ts';
import type { Fault } from '../fault.ts';
import { startApi } from '../world/api.ts';
import { eventually, residentBytes } from '../world/child.ts';
import { pepper } from '../world/platform.ts';
import { startLoad } from './load.ts';
import { aProbe, cardStatus as status } from './probe.ts';

/** F10: PostgreSQL stands still. */
export const databaseFrozen: Fault = {
  id: 'F10', title: 'PostgreSQL stands still under load',
  async run(run) {
    const platform = await run.open({ stations: 18, gateways: 2, bus: 'postgres', env: { CSMS_AUTHORIZE_WITHOUT_BOOKS: 'known' } });
    const load = await startLoad(run, platform, { timing: { callTimeoutMs: 40_000 }, count: 16, commands: run.short });
    const known = await aProbe(run, platform, 16);
    const { idTag } = platform.stations[16]!;
    run.expect((await status(known, idTag)) === 'Accepted', 'its card is not accepted while the books are there');
    await load.goesOn(60);
    const before = platform.gateways.map(({ pid }) => residentBytes(pid));
    platform.freezeDatabase(true);
    await pause(300);
    const acknowledged = load.fleet.acknowledged;
    const answers = await Promise.all([known.call('Heartbeat', {}), known.call('BootNotification', { chargePointVendor: 'Fault', chargePointModel: 'Light' })]);
    run.expect(answers.every(({ kind }) => kind === 'result'), 'Heartbeat or BootNotification was not answered while PostgreSQL stood still');
    run.expect((await status(known, idTag)) === 'Accepted', 'a card that was accepted a moment ago is not accepted from memory');
    run.expect((await status(known, 'NEVER-SEEN')) !== 'Accepted', 'a card that nobody knows is accepted while PostgreSQL stands still');
    // Begun on the word of memory: said when the books are back, and marked.
    const lent = beginTransaction(known, { connectorId: 1, idTag, startedAt: known.now(), meterStartWh: 5_000 });
    const lentStart = sendStart(known, lent);
    if (!run.short) await pause(600_000);
    run.expect(load.fleet.acknowledged === acknowledged, `${load.fleet.acknowledged - acknowledged} transaction messages were acknowledged while PostgreSQL stood still`);
    const grownMiB = Math.max(...platform.gateways.map(({ pid }, n) => (residentBytes(pid) - before[n]!) / 2 ** 20));
    run.expect(grownMiB < 100, `a gateway grew by ${grownMiB.toFixed(0)} MiB`);
    platform.freezeDatabase(false);
    await lentStart;
    await sendStop(known, lent, known.now(), 6_500);
    const [marked] = await platform.sql<{ flags: string[] }>('SELECT flags FROM session WHERE token_uid = $1', [cardKeysOfPepper(pepper).reference('demo', idTag)]);
    run.expect(marked?.flags.includes('offline-authorized') === true, `the session that began on the word of memory is flagged ${marked?.flags.join(', ')}`);
    await load.goesOn(100);
    await load.finish();
    const dropped = load.fleet.truths.reduce((sum, { cuts }) => sum + cuts, 0);
    run.expect(dropped === 0, `${dropped} sockets were dropped`);
    run.note(`memory grew by ${grownMiB.toFixed(1)} MiB, ${dropped} sockets dropped`);
  },
};

/** PostgreSQL ends connections, idle ones and those in the middle of something: what a failover or an operator does. */
export const connectionsEnded: Fault = {
  id: 'ENDS', title: 'PostgreSQL ends connections of gateways, API and bus', beyondShort: true,
  async run(run) {
    const platform = await run.open({ stations: 12, gateways: 2, bus: 'postgres' });
    const api = await startApi({ DATABASE_URL: platform.database.appUrl, BUS_DATABASE_URL: platform.database.busUrl, CSMS_CREDENTIAL_PEPPER: pepper });
    run.afterwards(() => api.close());
    const load = await startLoad(run, platform, { timing: { callTimeoutMs: 40_000 } });
    let asking = true;
    run.afterwards(() => { asking = false; });
    const statuses = new Map<number, number>();
    const askers = Promise.all(Array.from({ length: 6 }, async () => {
      while (asking) {
        const { status } = await api.get('/sessions');
        statuses.set(status, (statuses.get(status) ?? 0) + 1);
        await pause(5);
      }
    }));
    let ended = 0;
    for (let round = 0; round < (run.short ? 12 : 200); round += 1) {
      await load.goesOn(run.random.between(3, 15));
      ended += (await platform.sql(`SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name LIKE 'csms-%' AND random() < 0.7`)).length;
    }
    asking = false;
    await askers;
    run.expect(api.alive() && platform.gateways.every((gateway) => gateway.alive()), 'a process ended with a connection of its own');
    run.expect([...statuses.keys()].every((status) => [200, 503].includes(status)), `the API answered ${[...statuses.keys()].join(', ')}`);
    run.expect((await api.get('/sessions')).status === 200, 'the API does not answer any more');
    await load.finish();
    const cuts = load.fleet.truths.reduce((sum, truth) => sum + truth.cuts, 0);
    run.expect(cuts === 0, `${cuts} sockets were dropped`);
    run.note(`${ended} connections ended; the API answered ${[...statuses].map(([status, times]) => `${times} times ${status}`).join(', ')}`);
  },
};

/** F12: transactions that meet: first some fail and are tried again, then all fail and the charger hears of it. */
export const transactionsCollide: Fault = {
  id: 'F12', title: 'serialization failures and deadlocks', beyondShort: true,
  async run(run) {
    const platform = await run.open({ stations: 12, gateways: 2, bus: 'postgres' });
    await platform.sql('CREATE SEQUENCE collision');
    const collide = (condition: string): Promise<unknown> => platform.sql(`CREATE OR REPLACE FUNCTION collide() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER SET search_path = public AS $$
      BEGIN
        IF ${condition} THEN RAISE EXCEPTION 'met another transaction' USING ERRCODE = CASE WHEN random() < 0.5 THEN '40001' ELSE '40P01' END; END IF;
        RETURN NULL;
      END $$`);
    await collide(`nextval('collision') % 3 <> 0`);
    await platform.sql('CREATE TRIGGER collide AFTER INSERT OR UPDATE ON session FOR EACH STATEMENT EXECUTE FUNCTION collide()');
    const load = await startLoad(run, platform);
    await load.goesOn(120);
    await collide('true');
    await eventually('a charger hears of it', () => load.fleet.truths.some(({ refusals }) => refusals.some(({ code }) => code === 'InternalError')));
    await platform.sql('DROP TRIGGER collide ON session');
    await load.goesOn(60);
    await load.finish();
    const [row] = await platform.sql<{ n: number }>('SELECT last_value::int AS n FROM collision');
    run.note(`${row?.n} statements met the trigger, ${load.fleet.truths.reduce((sum, { refusals }) => sum + refusals.length, 0)} calls were refused in the end`);
  },
};
