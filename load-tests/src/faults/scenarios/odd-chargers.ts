import { beginTransaction, sendOrphanStop, sendReading, sendReadingAgain, sendStart, sendStatus, sendStop } from '../chargers/charging.ts';
import type { Fault } from '../fault.ts';
import { aProbe } from './probe.ts';

const hourMs = 3_600_000;

/** F14: transaction messages that come twice, in any order and days late; also a second stop that says something else. */
export const messagesOutOfOrder: Fault = {
  id: 'F14', title: 'transaction messages doubled, reordered and up to 30 days late',
  async run(run) {
    const rounds = run.short ? 6 : 60;
    const platform = await run.open({ stations: 6, gateways: 2, bus: 'postgres' });
    const ages = [0.5, 2, 2, 9, 11, 30];
    let conflicts = 0;
    await Promise.all(platform.stations.map(async ({ idTag }, n) => {
      const random = run.random.fork(`late ${n}`);
      const charger = await aProbe(run, platform, n);
      // Ticks are so small that no clock reaches the future, where it would not be believed.
      let clockMs = Date.now() - ages[n]! * 24 * hourMs + hourMs / 2;
      let registerWh = random.between(0, 9_000_000);
      const tick = (): Date => new Date(clockMs += random.between(10, 50) * 1000);
      for (let round = 0; round < rounds; round += 1) {
        const transaction = beginTransaction(charger, { connectorId: 1, idTag, startedAt: tick(), meterStartWh: registerWh });
        await sendStart(charger, transaction);
        const readings = Array.from({ length: random.between(2, 6) }, () => ({ at: tick(), registerWh: registerWh += random.between(0, 2_000) }));
        const end = { at: tick(), registerWh: registerWh += random.between(1, 900) };
        const words = ['Preparing', 'Charging', 'Finishing', 'Available'].map((status) => ({ status, at: tick() }));
        const steps = random.shuffled<() => Promise<unknown>>([
          ...readings.map((reading) => () => sendReading(charger, transaction, reading.at, reading.registerWh)),
          () => sendStop(charger, transaction, end.at, end.registerWh),
          ...words.map(({ status, at }) => () => sendStatus(charger, 1, status, at)),
        ]);
        for (const step of steps) {
          await step();
          if (random.next() < 0.3) await sendStart(charger, transaction);
          const known = transaction.readings;
          if (known.length > 0 && random.next() < 0.3) await sendReadingAgain(charger, transaction, random.pick(known));
          if (transaction.stop !== null && random.next() < 0.3) await sendStop(charger, transaction, end.at, end.registerWh);
        }
        if (random.next() < 0.5) {
          const other = await charger.call('StopTransaction', { transactionId: transaction.ids[0], idTag, meterStop: end.registerWh + 77, timestamp: end.at.toISOString() });
          run.expect(other.kind === 'result', 'a second stop with another register was not answered');
          conflicts += 1;
        }
      }
    }));
    const [row] = await platform.sql<{ n: number }>(`SELECT count(*)::int AS n FROM session WHERE 'conflicting-stop' = ANY(flags)`);
    run.expect(row?.n === conflicts, `${conflicts} sessions got a second, different stop, ${row?.n} are flagged`);
    run.note(`${conflicts} conflicting stops, each kept as evidence and flagged`);
  },
};

/** F15: stops with -1, 0 and ids of nobody, twice each; one whose start comes after it; starts that never come. */
export const stopsOfNobody: Fault = {
  id: 'F15', title: 'stops of -1, 0 and unknown ids; a start after its stop',
  async run(run) {
    const platform = await run.open({ stations: 4, gateways: 1, bus: 'postgres' });
    await Promise.all(platform.stations.map(async ({ idTag }, n) => {
      const random = run.random.fork(`orphans ${n}`);
      const charger = await aProbe(run, platform, n);
      let clockMs = Date.now() - random.between(10, 60) * hourMs;
      const tick = (): Date => new Date(clockMs += random.between(60, 600) * 1000);
      for (const transactionId of random.shuffled([-1, 0, 987_654_321, -1])) {
        const stop = { transactionId, at: tick(), meterStopWh: random.between(1, 90_000) };
        await sendOrphanStop(charger, stop);
        await charger.deliver('StopTransaction', () => ({ transactionId, meterStop: stop.meterStopWh, timestamp: stop.at.toISOString() }));
      }
      // Begun offline: the charger had no id when it stopped, and its start was still in its queue.
      const startedAt = tick();
      const meterStartWh = random.between(100_000, 200_000);
      await sendOrphanStop(charger, { transactionId: -1, at: tick(), meterStopWh: meterStartWh + random.between(1_000, 20_000), idTag });
      await sendStart(charger, beginTransaction(charger, { connectorId: 1, idTag, startedAt, meterStartWh }));
    }));
    const [row] = await platform.sql<{ kept: number; matched: number }>('SELECT count(*)::int AS kept, count(matched_session_id)::int AS matched FROM orphan_stop');
    run.expect(row?.kept === 20, `20 stops of nobody were sent (each twice but the last), ${row?.kept} are kept`);
    run.expect(row?.matched === 4, `4 of them have found their start in the end, ${row?.matched} on the books`);
    run.note(`${row?.kept} kept, ${row?.matched} matched later`);
  },
};

/** F16: chargers whose clocks are a day off, three days ahead, or were never set. */
export const clocksWrong: Fault = {
  id: 'F16', title: 'charger clocks off by a day, three days ahead, and 1970',
  async run(run) {
    const clocks = [{ name: 'a day behind', offsetMs: -24 * hourMs, wrong: false }, { name: 'almost a day ahead', offsetMs: 23 * hourMs, wrong: false }, { name: 'three days ahead', offsetMs: 72 * hourMs, wrong: true }, { name: '1970', offsetMs: -Date.now(), wrong: true }];
    const platform = await run.open({ stations: clocks.length, gateways: 1, bus: 'postgres' });
    await Promise.all(clocks.map(async ({ name, offsetMs, wrong }, n) => {
      const { identity, idTag } = platform.stations[n]!;
      const random = run.random.fork(name);
      let minutes = 0;
      const clock = (): Date => new Date(Date.now() + offsetMs + (minutes += 1) * 60_000);
      const charger = await aProbe(run, platform, n, { now: clock });
      const transaction = beginTransaction(charger, { connectorId: 1, idTag, startedAt: charger.now(), meterStartWh: random.between(0, 1_000_000) });
      const beganMs = Date.now();
      await sendStart(charger, transaction);
      let registerWh = transaction.meterStartWh;
      for (let reading = 0; reading < 4; reading += 1) await sendReading(charger, transaction, charger.now(), registerWh += random.between(1, 3_000));
      await sendStop(charger, transaction, charger.now(), registerWh + 5);
      const [row] = await platform.sql<{ startMs: number; saidMs: number; flags: string[] }>(
        `SELECT (extract(epoch FROM started_at) * 1000)::float8 AS "startMs", (extract(epoch FROM coalesce(stated_started_at, started_at)) * 1000)::float8 AS "saidMs", flags
         FROM session x JOIN station st ON st.id = x.station_id WHERE st.identity = $1`, [identity]);
      run.expect(Math.round(row?.saidMs ?? 0) === Date.parse(transaction.startedAt), `${name}: what its clock said is not kept`);
      run.expect(row?.flags.includes('clock-wrong') === wrong, `${name}: flags are ${row?.flags.join(', ')}`);
      const counts = wrong ? beganMs : Date.parse(transaction.startedAt);
      run.expect(Math.abs((row?.startMs ?? 0) - counts) < 60_000, `${name}: its session counts from ${new Date(row?.startMs ?? 0).toISOString()}`);
    }));
    run.note('wrong clocks are flagged, count at their receipt, and what they said is kept');
  },
};
