import { credentialHmac } from '@csms/kit';
import { describe, expect, it } from 'vitest';
import { matchCredential, readBasicPassword } from './basic-auth.ts';

const pepper = 'a pepper for tests';
const basic = (user: string, password: string | Uint8Array): string =>
  `Basic ${Buffer.concat([Buffer.from(`${user}:`), typeof password === 'string' ? Buffer.from(password) : password]).toString('base64')}`;
const known = (credential: string) => ({ credentialHmac: credentialHmac(pepper, credential), credentialHmacNext: null });

describe('basic authentication', () => {
  it('the user is the identity, colons and all', () => {
    expect(readBasicPassword(basic('AA:BB', 'x:y'), 'AA:BB')?.toString()).toBe('x:y');
    expect(readBasicPassword(basic('AA', 'BB:x'), 'AA:BB')?.toString()).toBe('x');
    expect(readBasicPassword(basic('other', 'x'), 'AA:BB')).toBeNull();
    expect(readBasicPassword(undefined, 'A')).toBeNull();
    expect(readBasicPassword('Bearer abc', 'A')).toBeNull();
    expect(readBasicPassword('Basic !!!', 'A')).toBeNull();
  });

  it('a password is any bytes', () => {
    const bytes = Uint8Array.from({ length: 256 }, (_, at) => at);
    expect(readBasicPassword(basic('CP_1', bytes), 'CP_1')).toEqual(Buffer.from(bytes));
  });

  const key = '0123456789abcdef0123456789abcdef01234567';
  it.each([
    ['verbatim', Buffer.from(key)], ['in capitals', Buffer.from(key.toUpperCase())], ['decoded to its bytes', Buffer.from(key, 'hex')],
  ])('a 40-hex AuthorizationKey is accepted %s', (_how, password) => {
    expect(matchCredential(pepper, password, known(key))).toBe('current');
  });

  it('a wrong, an empty and a missing password match nothing, nor does anything match an unknown station', () => {
    expect(matchCredential(pepper, Buffer.from('wrong'), known(key))).toBeNull();
    expect(matchCredential(pepper, Buffer.alloc(0), known(key))).toBeNull();
    expect(matchCredential(pepper, null, known(key))).toBeNull();
    expect(matchCredential(pepper, Buffer.from(key), null)).toBeNull();
    expect(matchCredential(pepper, Buffer.from(key), { credentialHmac: null, credentialHmacNext: null })).toBeNull();
  });

  it('a new credential matches beside the old one until it has been used', () => {
    const both = { ...known('old'), credentialHmacNext: credentialHmac(pepper, 'new') };
    expect(matchCredential(pepper, Buffer.from('old'), both)).toBe('current');
    expect(matchCredential(pepper, Buffer.from('new'), both)).toBe('next');
  });
});
