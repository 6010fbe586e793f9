import { expect, it } from 'vitest';
import { movesSince } from './moves.ts';

const opened = (atMs: number) => ({ atMs, code: null });
const closed = (atMs: number, code = 1012) => ({ atMs, code });

it('O-50 counts who came back, how long each was away, and the greatest crowd of a second at one gateway', () => {
  const lines = [
    { gateway: 'a', line: [opened(0), closed(1_000), opened(1_500)] },
    { gateway: 'a', line: [opened(0), closed(1_900), opened(2_400)] },
    { gateway: 'a', line: [opened(0), closed(2_000), opened(2_500)] },
    { gateway: 'b', line: [opened(0), closed(1_000, 1006), closed(1_200, 1006), opened(9_000)] },
    { gateway: 'b', line: [opened(0)] },
  ];
  expect(movesSince(lines, 500)).toEqual({ reconnects: 4, awayMsMax: 8_000, crowdShareMax: 0.5, byGateway: { a: 3, b: 1 }, closeCodes: { 1006: 2, 1012: 3 } });
  expect(movesSince(lines, 10_000)).toEqual({ reconnects: 0, awayMsMax: 0, crowdShareMax: 0, byGateway: {}, closeCodes: {} });
});
