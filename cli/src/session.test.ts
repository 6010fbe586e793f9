import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import { CliError } from './exit.ts';
import { readSession, writeSession } from './session.ts';

const folder = mkdtempSync(join(tmpdir(), 'csms-session-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

it('a session that was cut off, or is none, is said to be so; no session is none', () => {
  const path = join(folder, 'session.json');
  expect(readSession(path)).toBeNull();
  const session = { api: 'http://127.0.0.1:1', issuer: 'http://127.0.0.1:2', clientId: 'csmsctl', accessToken: 'a', refreshToken: null, expiresAtMs: 1 };
  writeSession(path, session);
  expect(readSession(path)).toEqual(session);
  for (const text of ['', JSON.stringify(session).slice(0, 30), '[]']) {
    writeFileSync(path, text);
    expect(() => readSession(path), text).toThrow(CliError);
  }
});
