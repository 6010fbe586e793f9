import { expect, it } from 'vitest';
import { isOwnRequest, ownPath } from './same-origin.ts';

const own = 'https://bandung.example.com';

it.each([
  ['POST', { origin: own }, true],
  ['POST', { origin: own, 'sec-fetch-site': 'same-origin' }, true],
  ['POST', { 'sec-fetch-site': 'same-origin' }, true],
  ['POST', {}, false],
  ['POST', { origin: 'https://evil.example' }, false],
  ['POST', { origin: 'null' }, false],
  ['POST', { 'sec-fetch-site': 'none' }, false],
  ['POST', { origin: own, 'sec-fetch-site': 'same-site' }, false],
  ['GET', {}, true],
  ['GET', { 'sec-fetch-site': 'none' }, true],
  ['GET', { 'sec-fetch-site': 'cross-site' }, false],
  ['GET', { 'sec-fetch-site': 'same-site' }, false],
  ['GET', { origin: 'https://evil.example' }, false],
])('%s with %o is our own: %s', (method, headers, expected) => {
  expect(isOwnRequest(method, headers, own)).toBe(expected);
});

it.each([
  ['/stations?status=Faulted', '/stations?status=Faulted'],
  ['//evil.example', '/'],
  ['/\\evil.example', '/'],
  ['https://evil.example', '/'],
  ['/sign-out', '/'],
  ['/a\r\nset-cookie: x', '/'],
  [undefined, '/'],
])('returns to %j as %s', (value, expected) => {
  expect(ownPath(value)).toBe(expected);
});
