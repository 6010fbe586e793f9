import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const root = join(import.meta.dirname, '../../..');

it('S-03 hadolint has nothing to say about the Dockerfile', () => {
  expect(execFileSync('hadolint', [join(root, 'images/Dockerfile')], { encoding: 'utf8' })).toBe('');
});
