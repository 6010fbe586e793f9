/*
 * Loaded before an operator's own program (`--import`): ends the process with SIGKILL at the write that CSMS_TEST_DIE_AT names, `7 before` or
 * `7 after`: the seventh request of this process that changes something, before it is sent or when its answer comes. The program is not touched: both
 * clients that it has, of the cluster and of the books, tell of their requests (undici, "Diagnostics Channel Support").
 */
import { subscribe } from 'node:diagnostics_channel';

const [number, moment] = (process.env['CSMS_TEST_DIE_AT'] ?? '').split(' ');
const dieAt = Number(number);
let writes = 0;
let last: unknown;

const isWrite = ({ method, path }: { method: string; path: string }): boolean => method !== 'GET' && path !== '/token' && !path.includes('/leases/');
const requestOf = (message: unknown): { method: string; path: string } => (message as { request: { method: string; path: string } }).request;

subscribe('undici:request:create', (message) => {
  const request = requestOf(message);
  if (!isWrite(request) || (writes += 1) !== dieAt) return;
  if (moment === 'before') process.kill(process.pid, 'SIGKILL');
  last = request;
});
subscribe('undici:request:headers', (message) => {
  if (requestOf(message) === last) process.kill(process.pid, 'SIGKILL');
});
