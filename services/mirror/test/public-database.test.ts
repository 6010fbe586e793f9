import { generateKeyPairSync } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import type { PublicState } from '@csms/domain/public-state/public-state';
import { hearLibraries } from '../src/library-log.ts';
import { openPublicDatabase, type PublicDatabase } from '../src/public-database.ts';
import { startRealtimeDatabase, type RealtimeDatabase } from './realtime-database.ts';

const publicId = '0d8ba3a4-1c83-4b7c-9d0e-8b0f6a1c2d3e';
const charging: PublicState = { status: 'CHARGING', power: 7.36, energy: 1.235, duration: 590, last_updated: '2026-11-24T12:00:00.000Z' };
const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048, privateKeyEncoding: { type: 'pkcs8', format: 'pem' }, publicKeyEncoding: { type: 'spki', format: 'pem' } });

let server: RealtimeDatabase;
let database: PublicDatabase;

beforeAll(async () => {
  hearLibraries(() => undefined);
  server = await startRealtimeDatabase({ acceptsAccount: (token) => token === 'owner' });
  // As with Google's own emulator: the library signs in as its owner, and the rules hold for whom it names.
  process.env['FIREBASE_DATABASE_EMULATOR_HOST'] = `127.0.0.1:${server.port}`;
  database = openPublicDatabase({ url: server.url, account: { projectId: 'demo', clientEmail: 'mirror@demo.iam.gserviceaccount.com', privateKey }, onConnected: () => undefined, retryMs: 300, answerMs: 1_000 });
  await vi.waitFor(() => expect(database.isConnected()).toBe(true), { timeout: 20_000 });
});
afterAll(async () => {
  delete process.env['FIREBASE_DATABASE_EMULATOR_HOST'];
  await database.close();
  await server.close();
});

describe('a write to the public database', () => {
  it('is kept with its version; an older one never wins, whatever the order', async () => {
    expect(await database.write(publicId, 3, charging)).toEqual({ onMirror: 3 });
    expect(server.at(`/chargers/${publicId}`)).toEqual({ ...charging, version: 3 });
    expect(await database.write(publicId, 2, { ...charging, status: 'FAULT' })).toEqual({ onMirror: 3 });
    expect(server.at(`/chargers/${publicId}`)).toEqual({ ...charging, version: 3 });

    const order = [9, 4, 12, 7, 5, 20, 11, 6, 19, 8];
    const outcomes = await Promise.allSettled(order.map((version) => database.write(publicId, version, { ...charging, duration: version })));
    expect(outcomes.filter((each) => each.status === 'fulfilled').length).toBeGreaterThan(0);
    expect(await database.write(publicId, 20, { ...charging, duration: 20 })).toEqual({ onMirror: 20 });
    expect(server.at(`/chargers/${publicId}`)).toEqual({ ...charging, duration: 20, version: 20 });
    const versions = server.versionsOf(publicId);
    expect(versions).toEqual([...versions].sort((a, b) => a - b));
  });

  it('of another writer in between is seen: the condition fails and the write is made on what is there', async () => {
    const other = openPublicDatabase({ url: server.url, account: { projectId: 'demo', clientEmail: 'other@demo.iam.gserviceaccount.com', privateKey }, onConnected: () => undefined });
    try {
      await expect.poll(() => other.isConnected()).toBe(true);
      await Promise.all(Array.from({ length: 20 }, (_, i) => (i % 2 === 0 ? database : other).write(publicId, 100 + i, { ...charging, duration: i })));
      expect(server.at(`/chargers/${publicId}`)).toMatchObject({ version: 119, duration: 19 });
      const versions = server.versionsOf(publicId);
      expect(versions).toEqual([...versions].sort((a, b) => a - b));
    } finally {
      await other.close();
    }
  });

  it('takes a node away, and is refused by the rules where it is no public state', async () => {
    expect(await database.write(publicId, 200, null)).toEqual({ onMirror: 200 });
    expect(server.at(`/chargers/${publicId}`)).toBeNull();
    await expect(database.write(publicId, 201, { ...charging, power: -1 })).rejects.toThrow('permission_denied');
    await expect(database.write('CP-0001', 1, charging)).rejects.toThrow('permission_denied');
    expect(server.at('/')).toBeNull();
    expect(await database.write(publicId, 202, charging)).toEqual({ onMirror: 202 });
  });

  it('is given up when the line is cut or falls silent, is kept by nobody, and the line comes back by itself', async () => {
    server.silence(true);
    await expect(database.write(publicId, 300, { ...charging, status: 'FAULT' })).rejects.toThrow();
    server.silence(false);
    await server.cut();
    await expect.poll(() => database.isConnected()).toBe(false);
    await server.heal();
    await expect.poll(() => database.isConnected()).toBe(true);
    expect(await database.write(publicId, 301, charging)).toEqual({ onMirror: 301 });
    expect(server.versionsOf(publicId).slice(-2)).toEqual([202, 301]);
  });
});
