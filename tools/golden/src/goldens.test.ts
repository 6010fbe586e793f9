import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { generators } from './generators.ts';

const root = join(import.meta.dirname, '..', '..', '..');
const files = (await Promise.all(generators.map((generate) => generate(root)))).flat();

describe('generated files are what the code says (npm run golden writes them anew)', () => {
  it.each(files.map(({ path, text }) => [path, text]))('%s', (path, text) => {
    expect(readFileSync(join(root, path), 'utf8')).toBe(text);
  });
});
