import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const rootDir = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');

/** Paths from the root of every file that git tracks or would track, so that a build's leftovers are never judged. */
export function trackedFiles(pattern: RegExp): string[] {
  const list = execFileSync('git', ['ls-files', '--cached', '--others', '--exclude-standard'], { cwd: rootDir, encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 });
  return [...new Set(list.split('\n'))].filter((file) => pattern.test(file) && existsSync(join(rootDir, file)));
}

export function read(file: string): string {
  return readFileSync(join(rootDir, file), 'utf8');
}

/** Module names that a file imports, static and dynamic. */
export function importsOf(text: string): string[] {
  return [...text.matchAll(/(?:^|[\s;}])(?:import|export)\s[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)|^\s*import\s*['"]([^'"]+)['"]/gm)].map((m) => (m[1] ?? m[2] ?? m[3])!);
}

export const isTest = (file: string): boolean => /\.test\.tsx?$|(^|\/)(test|testing|testdata)\/|\/testing\.ts$/.test(file);
