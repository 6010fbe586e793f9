import { deviations } from '@csms/domain/tolerance/deviation';
import { toleranceOf } from '@csms/domain/tolerance/tolerance-of';
import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { deviationClasses, schemaDeviations } from '@csms/ocpp';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { settled, testSession } from '../testing/test-session.ts';
import { refusalsMax } from './read-call.ts';

const time = '2026-11-24T08:59:00Z';
const start = { connectorId: 1, idTag: 'CARD-1', meterStart: 0, timestamp: time };
const stop = { transactionId: 7, meterStop: 26_008.333, timestamp: time };

/** Answers to one frame after the other, each under an id of its own. */
async function say(session: ReturnType<typeof testSession>, ...calls: [action: string, payload: unknown][]): Promise<unknown[][]> {
  const before = session.frames().length;
  for (const [n, [action, payload]] of calls.entries()) {
    session.receive([2, `c${before + n}`, action, payload]);
    while (session.frames().length < before + n + 1) await settled();
  }
  return session.frames().slice(before);
}

describe('what is understood for everybody', () => {
  it('G-21 a fractional meterStop is accepted, reaches the books as it was said, and is counted', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    expect((await say(session, ['StopTransaction', stop]))[0]?.[0]).toBe(3);
    expect(books.stops[0]?.fact).toMatchObject({ meterStopWh: 26_008.333, payload: { meterStop: 26_008.333 } });
    await session.deviations.flush();
    expect(books.deviationCounts).toMatchObject([{ kind: 'no-boot' }, { kind: 'fractional-register', count: 1, place: 'StopTransaction/meterStop' }]);
    expect(books.examples).toMatchObject([{ outcome: 'repaired', kinds: ['fractional-register'], frame: expect.stringContaining('26008.333') }]);
  });

  it('G-23 an over-long text, an extra property and the unit Hertz cost no transaction message its fact', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const answers = await say(session,
      ['StartTransaction', { ...start, vendorNote: 'x' }],
      ['MeterValues', { connectorId: 1, transactionId: 1, meterValue: [{ timestamp: time, sampledValue: [{ value: '50.01', measurand: 'Frequency', unit: 'Hertz' }, { value: '7' }] }] }],
      ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'Charging', info: 'x'.repeat(300) }]);
    expect(answers.map(([type]) => type)).toEqual([3, 3, 3]);
    expect([books.starts.length, books.readings[0]?.registerWh, books.statuses.length]).toEqual([1, 7, 1]);
    await session.deviations.flush();
    expect(books.deviationCounts.map(({ kind }) => kind)).toEqual(['no-boot', 'extra-property', 'unlisted-word', 'long-text']);
  });

  it('0 and -1 as the transaction of a reading are none', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const reading = (transactionId: number) => ({ connectorId: 1, transactionId, meterValue: [{ timestamp: time, sampledValue: [{ value: '7' }] }] });
    await say(session, ['MeterValues', reading(0)], ['MeterValues', reading(-1)], ['MeterValues', reading(5)]);
    expect(books.readings.map(({ transactionRef }) => transactionRef)).toEqual(['', '', '5']);
    await session.deviations.flush();
    expect(books.deviationCounts).toContainEqual(expect.objectContaining({ kind: 'no-transaction-id', count: 2 }));
  });

  it('a message that is right costs no count and no frame', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    await say(session, ['BootNotification', { chargePointVendor: 'V', chargePointModel: 'M' }], ['StartTransaction', start], ['Heartbeat', {}]);
    await session.deviations.flush();
    expect([books.deviationCounts, books.examples]).toEqual([[], []]);
  });
});

describe('G-23 a transaction message that is not understood', () => {
  const odd = { transactionId: 7, meterStop: 'much', timestamp: '2026-13-24T09:00:00Z' };

  it('is kept with its raw frame before it is refused, and after its refusals read as far as it can be, once', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const tries = await say(session, ...Array.from({ length: refusalsMax }, (): [string, unknown] => ['StopTransaction', odd]));
    expect(tries.map(([type, , code]) => [type, code])).toEqual(Array.from({ length: refusalsMax }, () => [4, 'TypeConstraintViolation']));
    expect([...books.quarantined.values()]).toMatchObject([{ action: 'StopTransaction', times: refusalsMax, frame: JSON.stringify([2, 'c0', 'StopTransaction', odd]) }]);
    expect(books.stops).toEqual([]);
    const [last] = await say(session, ['StopTransaction', odd]);
    expect(last?.[0]).toBe(3);
    // The time of its first coming stands for the one that cannot be read, so that any repetition is the same stop.
    const [stopped] = books.stops;
    expect(stopped?.fact).toMatchObject({ transactionRef: '7', meterStopWh: Number.NaN, endedAt: new Date(session.clock.ms) });
    session.clock.ms += 60_000;
    await say(session, ['StopTransaction', odd]);
    expect(books.stops[1]?.fact.endedAt).toEqual(stopped?.fact.endedAt);
    await session.deviations.flush();
    expect(books.deviationCounts).toContainEqual(expect.objectContaining({ kind: 'last-resort', count: 2 }));
  });

  it('is not answered before it is on the books, and is told to come again while they cannot be reached', async () => {
    const books = new MemoryBooks();
    let away = true;
    books.quarantineGate = () => (away ? Promise.reject(new BooksUnavailable('a commit')) : Promise.resolve());
    const session = testSession(books, { patience: { memoryAfterMs: 10, holdMs: 60, retryMs: 20 } });
    const [refused] = await say(session, ['StopTransaction', odd]);
    expect(refused?.slice(0, 3)).toEqual([4, 'c0', 'InternalError']);
    expect(books.quarantined.size).toBe(0);
    away = false;
    await say(session, ['StopTransaction', odd]);
    expect([...books.quarantined.values()]).toMatchObject([{ times: 1 }]);
  });

  it('that nobody can read is in the end answered, because it is kept; a start is not, because it would need an id', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const meter = { connectorId: 'left', meterValue: [{ timestamp: time, sampledValue: [{ value: '7' }] }] };
    const calls = (action: string, payload: unknown) => Array.from({ length: refusalsMax + 1 }, (): [string, unknown] => [action, payload]);
    expect((await say(session, ...calls('MeterValues', meter))).map(([type]) => type)).toEqual([4, 4, 4, 3]);
    expect((await say(session, ...calls('StartTransaction', { ...start, connectorId: 'left' }))).map(([type]) => type)).toEqual([4, 4, 4, 4]);
    expect([books.readings, books.starts]).toEqual([[], []]);
    expect(books.quarantined.size).toBe(2);
  });

  it('of a start becomes, in the end, a session with a real id', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const answers = await say(session, ...Array.from({ length: refusalsMax + 1 }, (): [string, unknown] => ['StartTransaction', { connectorId: '1', idTag: 4711, meterStart: '5', timestamp: time }]));
    expect(answers.at(-1)).toMatchObject([3, expect.anything(), { transactionId: 1, idTagInfo: { status: 'Invalid' } }]);
    expect(books.starts[0]?.fact).toMatchObject({ connectorId: 1, tokenUid: '4711', meterStartWh: 5 });
  });

  it('another message than one of a transaction is refused at once, with an example of its frame', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    const [answer] = await say(session, ['StatusNotification', { connectorId: 1, errorCode: 'NoError', status: 'available' }]);
    expect(answer?.slice(0, 3)).toEqual([4, 'c0', 'PropertyConstraintViolation']);
    await session.deviations.flush();
    expect(books.quarantined.size).toBe(0);
    expect(books.examples).toMatchObject([{ action: 'StatusNotification', outcome: 'refused', reason: expect.stringContaining('status') }]);
  });
});

describe('what is understood by entry', () => {
  it('G-18 the register of a make that calls kWh Wh is corrected everywhere, and the raw value stays', async () => {
    const books = new MemoryBooks();
    const openEvse = { vendor: 'OpenEVSE', model: 'Advanced Series', firmware: '4.2.2' };
    const session = testSession(books, { tolerance: toleranceOf(openEvse) });
    await say(session, ['StartTransaction', { ...start, meterStart: 361 }],
      ['MeterValues', { connectorId: 1, transactionId: 1, meterValue: [{ timestamp: time, sampledValue: [{ value: '361.5', unit: 'Wh', measurand: 'Energy.Active.Import.Register' }] }] }],
      ['StopTransaction', { transactionId: 1, meterStop: 362, timestamp: time }]);
    expect(books.starts[0]?.fact).toMatchObject({ meterStartWh: 361_000, payload: { meterStart: 361 } });
    expect(books.readings[0]).toMatchObject({ registerWh: 361_500, other: { 'Energy.Active.Import.Register': { value: '361.5', unit: 'Wh', flag: 'mislabelled-unit' } } });
    expect(books.stops[0]?.fact).toMatchObject({ meterStopWh: 362_000, payload: { meterStop: 362 } });
    await session.deviations.flush();
    expect(books.deviationCounts).toContainEqual(expect.objectContaining({ kind: 'mislabelled-unit', count: 3 }));
  });

  it('a boot tells the make from the next message on; without one the books remember it (G-39)', async () => {
    const books = new MemoryBooks();
    const session = testSession(books);
    await say(session, ['StartTransaction', { ...start, meterStart: 361 }],
      ['BootNotification', { chargePointVendor: 'OpenEVSE', chargePointModel: 'Advanced Series', firmwareVersion: '4.2.2' }], ['StartTransaction', { ...start, connectorId: 2, meterStart: 361 }]);
    expect(books.starts.map(({ fact }) => fact.meterStartWh)).toEqual([361, 361_000]);
    expect(toleranceOf(aStation({ vendor: 'OpenEVSE', firmware: '4.2.2' })).entries.map(({ id }) => id)).toEqual(['openevse-kwh']);
  });

  it('a client that cannot take a code is told one that it knows', async () => {
    const books = new MemoryBooks();
    const session = testSession(books, { version: 'ocpp2.0.1', tolerance: { ...toleranceOf({ vendor: 'vendor1', model: 'model1', firmware: null }), errorCodes: { OccurrenceConstraintViolation: 'FormatViolation' } } });
    expect((await say(session, ['BootNotification', {}]))[0]?.[2]).toBe('FormatViolation');
    expect((await say(testSession(books, { version: 'ocpp2.0.1' }), ['BootNotification', {}]))[0]?.[2]).toBe('OccurrenceConstraintViolation');
  });

  it('a make that stays away after a closing handshake has its socket cut', async () => {
    const books = new MemoryBooks();
    const cut = testSession(books, { tolerance: toleranceOf({ vendor: 'JIGU', model: 'WeGood', firmware: 'V1.4' }) });
    await cut.session.finish(1012, 'going', 'drained');
    expect([cut.wire.terminated, cut.wire.closed]).toEqual([1, []]);
    const usual = testSession(books);
    await usual.session.finish(1012, 'going', 'drained');
    expect([usual.wire.terminated, usual.wire.closed]).toEqual([0, [1012]]);
  });

  it('status words in another case, numbers in quotes and a time that cannot be read are understood where an entry says so', async () => {
    const books = new MemoryBooks();
    const table = [{ id: 'odd', vendor: /^Odd/, why: 'odd', source: 'a test', understands: ['word-case', 'text-as-number', 'unreadable-time'] as const }];
    const session = testSession(books, { tolerance: toleranceOf({ vendor: 'Odd', model: null, firmware: null }, table) });
    const answers = await say(session, ['StatusNotification', { connectorId: '1', errorCode: 'NoError', status: 'available' }], ['StartTransaction', { ...start, connectorId: '1' }],
      ['StopTransaction', { transactionId: 1, meterStop: 5, timestamp: 'noon' }], ['StopTransaction', { transactionId: 1, meterStop: 5, timestamp: 'noon' }]);
    expect(answers.map(([type]) => type)).toEqual([3, 3, 3, 3]);
    expect(books.statuses[0]?.fact).toMatchObject({ connectorId: 1, status: 'Available' });
    expect(books.starts[0]?.fact.connectorId).toBe(1);
    // A time is put in the place of one: that message is kept first, and its repetition ends at the same time.
    expect(books.quarantined.size).toBe(1);
    expect(books.stops[1]?.fact.endedAt).toEqual(books.stops[0]?.fact.endedAt);
  });
});

it('the classes of the protocol are the handling of the domain, kind by kind', () => {
  for (const kind of schemaDeviations) expect([kind, deviationClasses[kind] === 'safe' ? 'accepted' : 'by-entry']).toEqual([kind, deviations[kind].handling]);
});

it('bytes that are no message, silence after pings and a connection without a boot are seen', async () => {
  const books = new MemoryBooks();
  const session = testSession(books);
  session.receive('[2,"1","Heartbeat",{');
  await say(session, ['Heartbeat', {}]);
  for (let n = 1; n <= 4; n += 1) session.session.inspect(session.clock.ms + n * 30_000);
  await session.deviations.flush();
  expect(books.deviationCounts.map(({ kind, count }) => [kind, count])).toEqual([['unreadable-frame', 1], ['no-boot', 1], ['never-pongs', 1]]);
  expect(books.examples).toMatchObject([{ outcome: 'unreadable', reason: 'not-json', frame: '[2,"1","Heartbeat",{' }]);
});
