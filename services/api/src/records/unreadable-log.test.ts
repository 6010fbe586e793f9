import { createLogger } from '@csms/kit';
import { expect, it } from 'vitest';
import { openUnreadableLog } from './unreadable-log.ts';

it('a record is logged once, however often it is read, and another one as well', () => {
  const log = createLogger('test', 'silent');
  const lines: unknown[] = [];
  log.warn = (line: unknown) => { lines.push(line); };
  const unreadable = openUnreadableLog(log);
  for (const id of ['1', '1', '2', '1']) unreadable.leftOut('outbox of demo', id, new Error('no schema'));
  unreadable.shownInPart('/sessions', '1', 'unreadable-bill');
  unreadable.shownInPart('/bills', '1', 'unreadable-bill');
  expect(lines).toMatchObject([{ event: 'record_left_out', id: '1' }, { event: 'record_left_out', id: '2' }, { event: 'unreadable_record', where: '/sessions', id: '1' }]);
});
