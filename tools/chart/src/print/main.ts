/* Prints every generated file of the chart anew, and with helm on PATH the rendered objects that are kept. Tests fail when one differs from what is committed. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { masked } from '../rendered/masked.ts';
import { configurations, helmTemplate, kept, keptFile } from '../rendered/render.ts';
import { onPath } from '../tool.ts';
import { chartFiles, printedFiles } from './printed-files.ts';
import type { Printed } from './values-files.ts';

const root = join(import.meta.dirname, '../../../..');

function write({ path, text }: Printed): void {
  mkdirSync(dirname(join(root, path)), { recursive: true });
  writeFileSync(join(root, path), text);
}

chartFiles().forEach(write);
if (onPath('helm')) {
  for (const { name, file } of configurations(root).filter((each) => kept.includes(each.name))) writeFileSync(keptFile(root, name), masked(helmTemplate(root, ['--values', file])));
} else {
  process.stdout.write('not rendered: helm is not on PATH\n');
}
printedFiles(root).forEach(write);
