import { expect, it } from 'vitest';
import { ApiProblem } from '../problems/api-problem.ts';
import { pageAnswer, pageRequest } from './cursor.ts';

const id = '01a20cfe-0d2d-7df3-af78-01b5c8fd94f2';

it('a cursor leads back to the key it was made of', () => {
  const { nextCursor } = pageAnswer({ items: [1], next: ['2026-11-24T09:58:25.123456Z', id] });
  expect(pageRequest({ cursor: nextCursor!, limit: 5 }, ['time', 'uuid'])).toEqual({ limit: 5, after: ['2026-11-24T09:58:25.123456Z', id] });
  expect(pageAnswer({ items: [], next: null }).nextCursor).toBeNull();
  expect(pageRequest({ limit: 5 }, ['time', 'uuid'])).toEqual({ limit: 5, after: null });
});

it.each([
  ['', ['text']], ['%%%', ['text']], [Buffer.from('null').toString('base64url'), ['text']], [Buffer.from('["a","b"]').toString('base64url'), ['text']],
  [Buffer.from('[1]').toString('base64url'), ['text']], [Buffer.from('["x"]').toString('base64url'), ['uuid']], [Buffer.from(`["1'; DROP TABLE session"]`).toString('base64url'), ['int']],
  [Buffer.from('["a\\u0000"]').toString('base64url'), ['text']], [Buffer.from('["2026-11-24"]').toString('base64url'), ['time']],
] as const)('%s is no cursor of a list by %s', (cursor, key) => {
  expect(() => pageRequest({ cursor, limit: 5 }, key)).toThrow(ApiProblem);
});
