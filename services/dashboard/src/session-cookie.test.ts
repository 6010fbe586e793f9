import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { createCookieVault } from './session-cookie.ts';

const vault = createCookieVault('a secret of thirty-two characters');
const Schema = z.object({ token: z.string() });
const cookies = (chunks: { name: string; value: string }[]): Record<string, string> => Object.fromEntries(chunks.map((chunk) => [chunk.name, chunk.value]));

describe('the cookie vault', () => {
  it('gives back what it sealed, however many cookies that takes', async () => {
    const value = { token: 'x'.repeat(9_000) };
    const chunks = await vault.seal('session', value);
    expect(chunks.filter((chunk) => chunk.value !== '').length).toBeGreaterThan(2);
    expect(chunks.every((chunk) => chunk.name.length + chunk.value.length < 4_000)).toBe(true);
    expect(await vault.open('session', Schema, cookies(chunks))).toEqual(value);
  });

  it('clears the chunks that a longer value left behind', async () => {
    const long = cookies(await vault.seal('session', { token: 'x'.repeat(9_000) }));
    const short = cookies(await vault.seal('session', { token: 'y' }));
    expect(await vault.open('session', Schema, { ...long, ...short })).toEqual({ token: 'y' });
  });

  it('opens nothing that was altered, renamed, or sealed under another secret', async () => {
    const chunks = cookies(await vault.seal('session', { token: 'y' }));
    const first = chunks['session.0'] ?? '';
    expect(await vault.open('session', Schema, { 'session.0': `${first.slice(0, -2)}${first.endsWith('A') ? 'B' : 'A'}${first.slice(-1)}` })).toBeNull();
    expect(await vault.open('other', Schema, { 'other.0': first })).toBeNull();
    expect(await createCookieVault('another secret of 32 characters..').open('session', Schema, chunks)).toBeNull();
    expect(await vault.open('session', Schema, {})).toBeNull();
    expect(first).not.toContain('token');
  });
});
