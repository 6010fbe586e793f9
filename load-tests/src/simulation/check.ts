import { hasEnded } from '@csms/domain/command/send-command';
import type { CommandDesk } from './commands.ts';
import type { SimStation, TrueSession } from './sim-station.ts';
import type { World } from './world.ts';

const pricePerKwh = 2_466;

/** The invariants of the books, judged by what the stations know. Returns a sentence for each that is broken. */
export async function check(world: World, stations: readonly SimStation[], desk: CommandDesk): Promise<string[]> {
  const wrong = [...world.violations];
  let trueWh = 0;
  let billedWh = 0;
  for (const station of stations) {
    const id = station.station.id;
    if (!station.drained) wrong.push(`${id} could not tell everything in time`);
    for (const session of station.truth) {
      if (session.startless) { wrong.push(...checkStrayStop(world, id, session)); continue; }
      const found = checkSession(world, station, session);
      wrong.push(...found.wrong);
      if (session.stopAnswered) { trueWh += session.meterStopWh! - session.meterStartWh; billedWh += found.billedWh; }
    }
    const known = new Set(station.truth.map((session) => session.ref));
    for (const session of world.tables.sessions.values()) if (session.stationId === id && !known.has(session.transactionRef)) wrong.push(`I-2: the books have transaction ${session.transactionRef} of ${id}, which never was`);
    wrong.push(...await checkOwner(world, station), ...checkStatus(world, station));
    for (const [key, times] of station.commandsSeen) if (times > 1) wrong.push(`I-5: command ${key} reached ${id} ${times} times`);
  }
  if (Math.round(trueWh) !== Math.round(billedWh)) wrong.push(`I-4: ${trueWh} Wh were charged and ${billedWh} Wh billed`);
  for (const { key, record } of desk.asked) {
    const row = record === null ? null : await desk.ledgerState(record.id);
    if (row === null || !hasEnded(row.state)) wrong.push(`I-5: command ${key} has no end (${row?.state ?? 'never answered'})`);
  }
  return wrong;
}

function checkSession(world: World, station: SimStation, session: TrueSession): { wrong: string[]; billedWh: number } {
  const id = station.station.id;
  const rows = [...world.tables.sessions.values()].filter((row) => row.stationId === id && row.transactionRef === session.ref);
  const wrong: string[] = [];
  if (session.startAnswered && rows.length !== 1) return { wrong: [`I-1: ${id} was answered for transaction ${session.ref}, and the books have it ${rows.length} times`], billedWh: 0 };
  const [row] = rows;
  if (row === undefined) return { wrong, billedWh: 0 };
  for (const reading of session.readings) {
    const stored = [...world.tables.readings.values()].filter((one) => one.stationId === id && one.reading.transactionRef === session.ref && one.reading.at.getTime() === reading.at.getTime());
    if (reading.answered && stored.length !== 1) wrong.push(`I-1: a reading of ${id} was answered and is stored ${stored.length} times`);
  }
  if (!session.stopAnswered) return { wrong, billedWh: 0 };
  const energyWh = session.meterStopWh! - session.meterStartWh;
  const bill = world.tables.bills.get(row.id);
  if (row.state !== 'ended') wrong.push(`I-1: the stop of ${id} ${session.ref} was answered, and its session is ${row.state}`);
  if (bill === undefined) wrong.push(`I-3: ${id} ${session.ref} has no bill`);
  else {
    const rupiah = Math.floor((energyWh * pricePerKwh) / 1_000 + 0.5);
    if (!bill.final) wrong.push(`I-3: the bill of ${id} ${session.ref} is not final`);
    if (bill.totalMinor !== rupiah) wrong.push(`I-4: ${id} ${session.ref}: ${energyWh} Wh are ${rupiah} rupiah, the bill says ${bill.totalMinor}`);
  }
  return { wrong, billedWh: bill?.energyWh ?? 0 };
}

/** I-11: kept once, whether or not a session was ever found for it. */
function checkStrayStop(world: World, id: string, session: TrueSession): string[] {
  if (!session.stopAnswered) return [];
  const kept = world.tables.orphans.filter((orphan) => orphan.stationId === id && orphan.endedAt.getTime() === session.endedAt!.getTime());
  return kept.length === 1 ? [] : [`I-11: a stop of ${id} for nobody is kept ${kept.length} times`];
}

async function checkOwner(world: World, station: SimStation): Promise<string[]> {
  const owner = await world.bus.view().ownerOf('demo', station.station.id);
  if (station.gateway === null) return [];
  const wrong = owner?.gateway === station.gateway.name ? [] : [`I-6: ${station.station.id} is on ${station.gateway.name}, the bus says ${owner?.gateway ?? 'nobody'}`];
  if (world.tables.stations.get(station.station.id)?.online !== true) wrong.push(`I-6: ${station.station.id} is connected and shown offline`);
  return wrong;
}

/** I-7, I-8: whatever arrived when, the newest word of the station stands. A clock that is wrong is ordered by receipt, which is another truth. */
function checkStatus(world: World, station: SimStation): string[] {
  if (station.skewMs !== 0 || station.status.at.getTime() === 0 || station.version !== 'ocpp1.6') return [];
  const row = world.tables.connectors.get(`${station.station.id}/1/1`);
  return row?.status === station.status.word ? [] : [`I-8: ${station.station.id} is ${station.status.word}, the books say ${row?.status ?? 'nothing'}`];
}
