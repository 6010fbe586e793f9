import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { evaluateFile } from './evaluate.ts';

const slice = fileURLToPath(new URL('../../../examples/history/boulder.csv.gz', import.meta.url));
const published = fileURLToPath(new URL('../../../../shared/data/ev/eval_hourly.csv.gz', import.meta.url));

it('has the skill on a year of real charging that docs/reference/forecast.md states', () => {
  const [evaluation] = evaluateFile(slice);
  const { naive168, profile, ridge, blend } = evaluation!.scores;
  expect(naive168!.rmseWh).toBeCloseTo(6295, -1);
  expect(profile!.rmseWh).toBeCloseTo(4571, -1);
  expect(ridge!.rmseWh).toBeCloseTo(4518, -1);
  expect(blend!.rmseWh).toBeCloseTo(4504, -1);
  for (const scores of [profile!, ridge!, blend!]) {
    expect(scores.hours).toBe(120 * 24 + 1); // a day of 25 hours among them
    expect(scores.coverage80).toBeGreaterThan(0.78);
    expect(scores.coverage80).toBeLessThan(0.88);
  }
});

// The published baselines were made by other code in another language: coming to the same figures is the proof of the definitions.
if (existsSync(published)) {
  it('comes to the published figures of the profile and the ridge on the same series', () => {
    for (const { series, scores, published: theirs } of evaluateFile(published, undefined, ['office1', 'boulder-all', 'trondheim-all'])) {
      for (const kind of ['naive24', 'naive168', 'profile'] as const) {
        expect(Math.abs(scores[kind]!.rmseWh / 1000 / theirs[kind]!.rmse - 1), `${series} ${kind}`).toBeLessThan(0.001);
        expect(Math.abs(scores[kind]!.maeWh / 1000 / theirs[kind]!.mae - 1), `${series} ${kind}`).toBeLessThan(0.001);
      }
      expect(Math.abs(scores.ridge!.rmseWh / 1000 / theirs.ridge!.rmse - 1), series).toBeLessThan(0.01);
      expect(Math.abs(scores.ridge!.maeWh / 1000 / theirs.ridge!.mae - 1), series).toBeLessThan(0.01);
    }
  });
} else console.log('not run: the published series are not beside this checkout (../shared/data/ev), so the published figures were not compared');
