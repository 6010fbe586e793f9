import { beginTransaction, sendBoot, sendStart, sendStop } from '../chargers/charging.ts';
import { Charger } from '../chargers/charger.ts';
import type { Fault, Run } from '../fault.ts';
import { eventually } from '../world/child.ts';
import { anyGateway, type Platform } from '../world/platform.ts';
import { startLoad } from './load.ts';

/** F1: kill -9 of a gateway under open sessions, again and again. */
export const gatewayKilled: Fault = {
  id: 'F1', title: 'a gateway is killed under open sessions',
  async run(run) {
    const kills = run.short ? 2 : 20;
    const platform = await run.open({ stations: run.short ? 24 : 1_000, gateways: 2, bus: 'postgres' });
    const load = await startLoad(run, platform, run.short ? {} : { pauseMs: 4_000, timing: { callTimeoutMs: 15_000 } });
    for (let n = 0; n < kills; n += 1) {
      await load.goesOn(run.random.between(60, 200), 120_000);
      const victim = run.random.pick(platform.gateways.filter((gateway) => gateway.alive()));
      await victim.kill();
      await platform.addGateway();
      await eventually('every charger is back', () => load.fleet.allConnected, 60_000);
    }
    run.note(`${kills} kills`);
    await load.goesOn(60, 120_000);
    await load.finish();
  },
};

/** F2: the start is committed, and the gateway dies before it can say so. A commit that waits for a standby that never comes is that moment, held still. */
export const killedAfterCommit: Fault = {
  id: 'F2', title: 'a gateway dies between commit and CALLRESULT',
  async run(run) {
    const { platform, charger, transaction } = await oneCharger(run);
    const hold = async (): Promise<void> => {
      await platform.sql(`ALTER SYSTEM SET synchronous_standby_names = 'nobody'`);
      await platform.sql('SELECT pg_reload_conf()');
    };
    const back = async (): Promise<void> => {
      await platform.sql('ALTER SYSTEM RESET synchronous_standby_names');
      await platform.sql('SELECT pg_reload_conf()');
    };
    run.afterwards(back);
    await hold();
    const id = await killedWhile('start', sendStart(charger, transaction), () => transaction.ids.length > 0);
    run.expect(await sessionCount(platform) === 1, 'the repeated start made a second transaction');
    const [row] = await platform.sql<{ ref: string }>('SELECT transaction_ref AS ref FROM session');
    run.expect(row?.ref === String(id), `the retry got ${id}, the books say ${row?.ref}`);
    await eventually('its presence is written', async () => (await platform.sql('SELECT 1 FROM station WHERE online')).length === 1);
    await hold();
    await killedWhile('stop', sendStop(charger, transaction, new Date(), transaction.meterStartWh + 1_234), () => transaction.stop?.acknowledged === true);
    const stops = await platform.sql<{ verdict: string }>(`SELECT verdict FROM session_event WHERE action = 'StopTransaction' ORDER BY id`);
    run.note(`the start was sent ${transaction.startTries} times, id ${id}; the stop ${transaction.stop?.tries} times: ${stops.map(({ verdict }) => verdict).join(', ')}`);

    async function killedWhile<T>(what: string, sent: Promise<T>, answered: () => boolean): Promise<T> {
      await eventually(`the commit of the ${what} waits`, () => waits(platform, 'SyncRep'));
      await platform.gateways.at(-1)!.kill();
      run.expect(!answered(), `the ${what} was answered before its commit was over`);
      await back();
      await eventually(`the ${what} is on the books`, async () => (await platform.sql(`SELECT 1 FROM session_event WHERE action = $1`, [what === 'start' ? 'StartTransaction' : 'StopTransaction'])).length > 0);
      await platform.addGateway();
      return sent;
    }
  },
};

/** F3: the start has come, and the gateway dies before its commit can be asked for: a lock on what has to be read first holds the moment still. */
export const killedBeforeCommit: Fault = {
  id: 'F3', title: 'a gateway dies between receive and commit',
  async run(run) {
    const { platform, charger, transaction } = await oneCharger(run);
    const unlock = await platform.hold('LOCK TABLE session IN ACCESS EXCLUSIVE MODE');
    const started = sendStart(charger, transaction);
    await eventually('the start waits for the lock', () => waits(platform, 'relation'));
    await platform.gateways[0]!.kill();
    await unlock();
    await eventually('the dead gateway\'s statements have ended', async () => (await platform.sql(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'csms-books'`)).length === 0);
    run.expect(await sessionCount(platform) === 0, 'a start that was never committed is on the books');
    run.expect(transaction.ids.length === 0, 'an answer came without a commit');
    await platform.addGateway();
    await started;
    run.expect(await sessionCount(platform) === 1, 'the retry did not make exactly one transaction');
    run.note(`the start was sent ${transaction.startTries} times, id ${transaction.ids[0]}`);
    await sendStop(charger, transaction, new Date(), transaction.meterStartWh + 1_234);
  },
};

async function oneCharger(run: Run) {
  const platform = await run.open({ stations: 1, gateways: 1, bus: 'postgres' });
  const { identity, password, idTag } = platform.stations[0]!;
  const charger = new Charger({ identity, password, endpoint: anyGateway(platform), random: run.random, timing: { callTimeoutMs: 30_000 } });
  run.watch([charger.truth]);
  run.afterwards(() => charger.close());
  await charger.connect();
  await sendBoot(charger);
  await eventually('its presence is written', async () => (await platform.sql('SELECT 1 FROM station WHERE online')).length === 1);
  const transaction = beginTransaction(charger, { connectorId: 1, idTag, startedAt: new Date(), meterStartWh: run.random.between(0, 1_000_000) });
  return { platform, charger, transaction };
}

async function waits(platform: Platform, event: string): Promise<boolean> {
  return (await platform.sql(`SELECT 1 FROM pg_stat_activity WHERE application_name = 'csms-books' AND wait_event = $1`, [event])).length > 0;
}

async function sessionCount(platform: Platform): Promise<number> {
  return (await platform.sql('SELECT 1 FROM session')).length;
}
