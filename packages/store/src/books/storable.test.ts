import { expect, it } from 'vitest';
import { storableJson, storableTime } from './storable.ts';

it('drops U+0000 from JSON and leaves a backslash that is written before u0000 alone', () => {
  const value = { a: 'x\u0000y', b: '\\u0000', c: '\\\u0000' };
  expect(JSON.parse(storableJson(value))).toEqual({ a: 'xy', b: '\\u0000', c: '\\' });
  expect(storableJson(undefined)).toBe('null');
});

it('writes years before the first and after the 9999th as PostgreSQL reads them', () => {
  expect(storableTime(new Date('2026-11-24T08:00:00.001Z'))).toBe('2026-11-24T08:00:00.001Z');
  expect(storableTime(new Date('0000-03-01T00:00:00Z'))).toBe('0001-03-01T00:00:00.000Z BC');
  expect(storableTime(new Date('9999-12-31T23:59:59-12:00'))).toBe('10000-01-01T11:59:59.000Z');
});
