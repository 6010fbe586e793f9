import { expect, it } from 'vitest';
import { isTest, read, trackedFiles } from './source-files.ts';

const code = trackedFiles(/\.tsx?$/);

it('the local cluster stays small: at most 600 lines in all', () => {
  const files = code.filter((file) => file.startsWith('packages/kube/src/local-cluster/') && !isTest(file));
  expect(files.length).toBeGreaterThan(0);
  const lines = files.reduce((sum, file) => sum + read(file).split('\n').filter((line) => line.trim() !== '').length, 0);
  expect(lines).toBeLessThanOrEqual(600);
});

it('no file is so long that a newcomer would not know its subject', () => {
  expect(code.filter((file) => !isTest(file) && read(file).split('\n').length > 450)).toEqual([]);
});

it('no folder or file is named for nothing', () => {
  expect(code.filter((file) => /(^|\/)(utils?|helpers?|common|misc|manager|impl|abstract)(\.[a-z.]+|\/)/i.test(file) && !file.includes('contracts/src/http/common.ts'))).toEqual([]);
});

it('no test is skipped, left for later or run alone', () => {
  expect(code.filter((file) => isTest(file) && file !== 'tools/tidy/src/house.test.ts' && /\b(it|test|describe)\.(skip|todo|only|skipIf|runIf)\b/.test(read(file)))).toEqual([]);
});

it('nothing is left for later in comments', () => {
  const marks = new RegExp(['TO' + 'DO', 'FIX' + 'ME', 'XX' + 'X:'].join('|'));
  expect(code.filter((file) => marks.test(read(file)))).toEqual([]);
});
