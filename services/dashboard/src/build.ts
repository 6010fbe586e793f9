import { cpSync, existsSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const sourceDir = dirname(fileURLToPath(import.meta.url));
const appDir = join(sourceDir, 'app');
export const pageDir = join(sourceDir, '..', 'dist');

/** Everything the page is made of: its own sources, the contracts it parses answers with, and the versions of what it imports. */
const madeOf = [appDir, join(sourceDir, 'build.ts'), join(sourceDir, '../../../packages/contracts/src'), join(sourceDir, '../../../package-lock.json')];

/**
 * Builds the page into services/dashboard/dist when it is missing or older than its sources. Answers where it lies and whether it was built now.
 * It is built beside its place and moved, so that a running server never serves half a page.
 */
export async function buildPage(options: { force?: boolean } = {}): Promise<{ pageDir: string; built: boolean }> {
  const index = join(pageDir, 'index.html');
  if (!options.force && existsSync(index) && (!existsSync(appDir) || statSync(index).mtimeMs >= Math.max(...madeOf.map(newestMs)))) return { pageDir, built: false };
  const [{ build }, { default: react }] = await Promise.all([import('vite'), import('@vitejs/plugin-react')]);
  const outDir = `${pageDir}.${process.pid}`;
  // Vite takes the runtime of a page from NODE_ENV, which a test runner sets to "test": the page would then ask React for its development build.
  const callersEnv = process.env['NODE_ENV'];
  process.env['NODE_ENV'] = 'production';
  try {
    await build({
      configFile: false, mode: 'production', root: appDir, publicDir: false, logLevel: 'warn', plugins: [react()],
      build: { outDir, emptyOutDir: true, target: 'es2022', modulePreload: { polyfill: false }, assetsInlineLimit: 0, chunkSizeWarningLimit: 900, reportCompressedSize: false },
    });
  } finally {
    if (callersEnv === undefined) delete process.env['NODE_ENV'];
    else process.env['NODE_ENV'] = callersEnv;
  }
  cpSync(join(appDir, 'favicon.svg'), join(outDir, 'favicon.svg'));
  rmSync(pageDir, { recursive: true, force: true });
  renameSync(outDir, pageDir);
  return { pageDir, built: true };
}

function newestMs(path: string): number {
  if (!existsSync(path)) return 0;
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return readdirSync(path, { withFileTypes: true }).reduce((newest, entry) => Math.max(newest, newestMs(join(path, entry.name))), stat.mtimeMs);
}

if (import.meta.main) {
  const { built } = await buildPage({ force: process.argv.includes('--force') });
  process.stdout.write(built ? 'dashboard: the page was built\n' : 'dashboard: the page is up to date\n');
}
