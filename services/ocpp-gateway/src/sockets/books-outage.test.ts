import { BooksUnavailable } from '@csms/domain/station/books-unavailable';
import { describe, expect, it } from 'vitest';
import { MemoryBooks, aStation } from '../testing/memory-books.ts';
import { KnockLog } from './knock-log.ts';
import { StationDirectory } from './station-directory.ts';
import { UnwrittenFacts } from './unwritten-facts.ts';

const unreachable = () => Promise.reject(new BooksUnavailable('a test'));

describe('while the books cannot be reached', () => {
  it('a station that was here before is known, one that was not is not, and the books decide again when they are back', async () => {
    const books = new MemoryBooks().register(aStation({ identity: 'A' }));
    const directory = new StationDirectory(books.stations);
    expect(await directory.find('demo', 'A')).toMatchObject({ identity: 'A' });
    books.gate = unreachable;
    expect(await directory.find('demo', 'A')).toMatchObject({ identity: 'A' });
    await expect(directory.find('demo', 'B')).rejects.toBeInstanceOf(BooksUnavailable);
    books.gate = async () => {};
    books.stationsByIdentity.clear();
    expect(await directory.find('demo', 'A')).toBeNull();
    books.gate = unreachable;
    await expect(directory.find('demo', 'A')).rejects.toBeInstanceOf(BooksUnavailable);
  });

  it('G-33 what is remembered is read anew while the books can be reached, so that no password that died at another gateway comes back', async () => {
    const [old, fresh] = ['old', 'new'].map((password) => aStation({ identity: 'A', password }));
    const books = new MemoryBooks().register(aStation({ identity: 'A', password: 'old' }), aStation({ identity: 'B' }));
    const directory = new StationDirectory(books.stations);
    for (const identity of ['A', 'B']) await directory.find('demo', identity);
    books.stationsByIdentity.clear();
    books.register(aStation({ identity: 'A', password: 'new' }));
    const away = async <T>(work: () => Promise<T>): Promise<T> => { books.gate = unreachable; try { return await work(); } finally { books.gate = async () => {}; } };
    await away(() => directory.refreshSome(2));
    expect((await away(() => directory.find('demo', 'A')))?.credentialHmac).toEqual(old?.credentialHmac);
    await directory.refreshSome(1);
    await directory.refreshSome(1);
    expect((await away(() => directory.find('demo', 'A')))?.credentialHmac).toEqual(fresh?.credentialHmac);
    await expect(away(() => directory.find('demo', 'B')), 'removed').rejects.toBeInstanceOf(BooksUnavailable);
  });

  it('remembers a bounded number of stations', async () => {
    const books = new MemoryBooks().register(aStation({ identity: 'A' }), aStation({ identity: 'B' }), aStation({ identity: 'C' }));
    const directory = new StationDirectory(books.stations, 2);
    for (const identity of ['A', 'B', 'C']) await directory.find('demo', identity);
    books.gate = unreachable;
    await expect(directory.find('demo', 'A')).rejects.toBeInstanceOf(BooksUnavailable);
    expect(await directory.find('demo', 'C')).not.toBeNull();
  });

  it('facts that were answered are kept, the newest under a key, and written once when the books are back', async () => {
    const written: string[] = [];
    let dropped = 0;
    let reachable = false;
    const facts = new UnwrittenFacts({ factsMax: 2, onDropped: () => { dropped += 1; } });
    const keep = (key: string, value: string): void => facts.keep(key, async () => { if (!reachable) throw new Error('no'); written.push(value); });
    keep('a', 'old');
    keep('b', 'b');
    keep('a', 'new');
    keep('c', 'too many');
    await facts.flush();
    expect([written, facts.size, dropped]).toEqual([[], 2, 1]);
    reachable = true;
    await facts.flush();
    await facts.flush();
    expect([written, facts.size]).toEqual([['new', 'b'], 0]);
    facts.close();
  });
});

it('a storm of strangers is written down one at a time, the newest of each', async () => {
  let inWork = 0;
  let inWorkMax = 0;
  const seen: string[] = [];
  const log = new KnockLog({
    knocked: async (_tenant, knock) => {
      inWork += 1;
      inWorkMax = Math.max(inWorkMax, inWork);
      await new Promise((resolve) => setImmediate(resolve));
      seen.push(`${knock.identity} ${knock.reason}`);
      inWork -= 1;
    },
  }, () => {}, 3);
  const knock = (identity: string, reason: string) => log.record('demo', { identity, reason, remoteAddress: '', ocppVersion: null, at: new Date() });
  knock('A', '1');
  knock('B', '1');
  knock('B', '2');
  for (const identity of ['C', 'D', 'E']) knock(identity, '1');
  await log.settled();
  expect(inWorkMax).toBe(1);
  expect(seen).toEqual(['A 1', 'B 2', 'C 1', 'D 1']);
});
