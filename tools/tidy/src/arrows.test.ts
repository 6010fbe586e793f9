import { dirname, join, normalize } from 'node:path';
import { describe, expect, it } from 'vitest';
import { impure, rooms, type Room } from './rooms.ts';
import { importsOf, isTest, read, trackedFiles } from './source-files.ts';

const sources = trackedFiles(/\.tsx?$/).filter((file) => !file.startsWith('test/') && file.includes('/'));
const roomOf = (file: string): Room | undefined => rooms.find((room) => file.startsWith(`${room.folder}/`));
const withoutComments = (text: string) => text.replace(/\/\*[\s\S]*?\*\//g, '').replace(/(^|\s)\/\/.*$/gm, '$1');

describe('arrows between rooms', () => {
  it('every source file is in a room', () => {
    expect(sources.filter((file) => roomOf(file) === undefined)).toEqual([]);
  });

  it('a room imports only what it is allowed, and only a main chooses adapters', () => {
    const wrong: string[] = [];
    for (const file of sources.filter((each) => !isTest(each))) {
      const room = roomOf(file);
      if (!room) continue;
      for (const name of importsOf(read(file))) {
        const ours = name.match(/^@csms\/([a-z-]+)/)?.[1];
        if (ours && ours !== room.folder.split('/').at(-1) && !room.mayImport.includes(ours)) wrong.push(`${file} imports ${name}`);
        if (ours && room.onlyIn?.[ours] && !room.onlyIn[ours].test(file) && !isTypeOnly(read(file), name)) wrong.push(`${file} imports ${name}, which only a main may`);
        if (name.startsWith('.')) {
          const target = normalize(join(dirname(file), name));
          if (!target.startsWith(`${room.folder}/`)) wrong.push(`${file} reaches into ${target}`);
        }
      }
    }
    expect(wrong).toEqual([]);
  });

  it('pure rooms use no clock, no chance, no environment, no network', () => {
    const pure = sources.filter((file) => !isTest(file) && (roomOf(file)?.pure || file.startsWith('operator/src/site/')));
    expect(pure.length).toBeGreaterThan(20);
    const wrong = pure.flatMap((file) => impure.filter(([pattern]) => pattern.test(withoutComments(read(file)))).map(([, reason]) => `${file} ${reason}`));
    expect(wrong).toEqual([]);
  });

  it('the environment is read through kit, and in the mains that hand it there', () => {
    const allowed = /^packages\/kit\/|^(tools|load-tests)\/|\/(main|build)\.ts$|\/testing\.ts$|vite\.config\.ts$|\/test\//;
    expect(sources.filter((file) => !allowed.test(file) && !isTest(file) && /\bprocess\.env\b/.test(withoutComments(read(file))))).toEqual([]);
  });
});

function isTypeOnly(text: string, name: string): boolean {
  const lines = [...text.matchAll(new RegExp(`(import|export)\\s+([^;]*?)from\\s*['"]${name.replaceAll('/', '\\/')}['"]`, 'g'))];
  return lines.length > 0 && lines.every((line) => /^type\b/.test(line[2]!.trim()));
}
