#!/usr/bin/env node
// What `kubectl csms` runs when this file is on PATH. The program is TypeScript, run by the Node that this repository pins: an older one on PATH cannot strip types.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import process from 'node:process';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '../..');
const node = join(root, 'node_modules/node/bin/node');
if (!existsSync(node)) {
  process.stderr.write(`kubectl csms: the pinned Node is missing (${node}): run npm ci in ${root}\n`);
  process.exit(1);
}
const child = spawn(node, [join(root, 'cli/src/kubectl/main.ts'), ...process.argv.slice(2)], { stdio: 'inherit' });
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal));
child.on('error', (error) => { process.stderr.write(`kubectl csms: ${error.message}\n`); process.exit(1); });
child.on('exit', (code, signal) => process.exit(signal ? 128 + 15 : (code ?? 1)));
