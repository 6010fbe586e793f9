import { expect, it } from 'vitest';
import { CardUid, StationIdentity } from './identity.ts';

it('an identity is what a path to the gateway can end in', () => {
  for (const good of ['C', 'CP_1', 'CP 1', 'a:b', '...', '~!"#', 'x'.repeat(48)]) expect(StationIdentity.safeParse(good).success, good).toBe(true);
  for (const bad of ['', '.', '..', '/', 'a/b', ' a', 'a ', 'a\n', '\n', 'a\u0000b', 'a\u007f', 'é', '\ud800', 'x'.repeat(49)]) expect(StationIdentity.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
});

it('a card number is whole characters, none of them a control character', () => {
  for (const good of ['04A2B6C8', 'kartu', '車🚗', 'a b']) expect(CardUid.safeParse(good).success, good).toBe(true);
  for (const bad of ['', '\ud800', 'a\udc00', 'a\n', '\u0085', '\u0000', 'x'.repeat(37)]) expect(CardUid.safeParse(bad).success, JSON.stringify(bad)).toBe(false);
});
