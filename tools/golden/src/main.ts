/* Prints every generated file of the repository anew. A test beside this file fails when one of them differs from what is committed. */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { generators } from './generators.ts';

const root = join(import.meta.dirname, '..', '..', '..');
for (const generate of generators) {
  for (const { path, text } of await generate(root)) {
    const target = join(root, path);
    const before = readOrEmpty(target);
    if (before === text) continue;
    mkdirSync(dirname(target), { recursive: true });
    writeFileSync(target, text);
    process.stdout.write(`wrote ${path}\n`);
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
