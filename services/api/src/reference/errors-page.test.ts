import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { problemTable } from '../problems/table.ts';
import { errorsPage } from './errors-page.ts';

it('the page of errors is the one that the table prints', () => {
  expect(readFileSync(new URL('../../../../docs/reference/errors.md', import.meta.url), 'utf8')).toBe(errorsPage());
});

it('each code is a word of its own, with a status that says whose fault it is, and sentences that say when', () => {
  for (const [code, { status, title, when }] of Object.entries(problemTable)) {
    expect(code).toMatch(/^[a-z]+(-[a-z]+)+$/);
    expect(status).toBeGreaterThanOrEqual(400);
    expect(status).toBeLessThan(600);
    expect(title.length).toBeGreaterThan(10);
    expect(when).toMatch(/\.$/);
  }
});
