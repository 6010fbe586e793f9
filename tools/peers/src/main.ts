/* `npm run test:peers`: our gateway against chargers that we did not write. A peer whose toolchain is missing is named, with the reason. */
import { spawn } from 'node:child_process';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from '@csms/kit';
import { z } from 'zod';
import { preparePeers } from './prepare.ts';

const { CSMS_CACHE_DIR } = loadConfig({ CSMS_CACHE_DIR: z.string().default(join(homedir(), '.cache/csms')).describe('where toolchains of tests are kept') });
const prepared = await preparePeers(join(CSMS_CACHE_DIR, 'peers'));
const ready = prepared.filter((peer) => 'command' in peer);
for (const peer of prepared) if ('missing' in peer) process.stdout.write(`not run: ${peer.name} (${peer.missing})\n`);

const tests = spawn(process.execPath, [join(import.meta.dirname, '../../../node_modules/vitest/vitest.mjs'), 'run', '--project', 'peers', ...process.argv.slice(2)], {
  stdio: 'inherit', env: { ...process.env, CSMS_PEERS: JSON.stringify(ready) },
});
tests.once('exit', (code) => { process.exitCode = code ?? 1; });
