import { expect, it } from 'vitest';
import { asUnavailable } from './unavailable.ts';

const sql = (code: string) => Object.assign(new Error('said by the server'), { code });

it.each(['22P05', '22003', '22008', '23503', '23514', '54000'])('%s is about the data: the fact is refused, and is never called a fault of the moment', (code) => {
  expect(asUnavailable('a commit', sql(code))).toMatchObject({ name: 'FactRefused', code });
});

it.each(['08006', '25P03', '53300', '57P01', '58030', 'ECONNREFUSED'])('%s is about the server: it may be tried again', (code) => {
  expect(asUnavailable('a commit', sql(code))).toMatchObject({ name: 'BooksUnavailable' });
});

it.each(['40001', '42703'])('%s stays what it is', (code) => {
  const error = sql(code);
  expect(asUnavailable('a commit', error)).toBe(error);
});
