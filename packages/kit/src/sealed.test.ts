import { expect, it } from 'vitest';
import { seal, unseal } from './sealed.ts';

it('what is sealed is read under the same secret and context alone', () => {
  const sealed = seal('a secret', 'demo/station-1', 'the text');
  expect(sealed.includes('the text')).toBe(false);
  expect(unseal('a secret', 'demo/station-1', sealed)).toBe('the text');
  expect(unseal('another', 'demo/station-1', sealed)).toBeNull();
  expect(unseal('a secret', 'demo/station-2', sealed)).toBeNull();
  sealed[sealed.length - 1] = (sealed.at(-1) ?? 0) ^ 1;
  expect(unseal('a secret', 'demo/station-1', sealed)).toBeNull();
  expect(unseal('a secret', 'demo/station-1', Buffer.from('x'))).toBeNull();
});
