import { dirname, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { helpText, readOptions } from './options.ts';
import { startPlatform, type LocalPlatform } from './platform.ts';

const rootDir = resolve(dirname(fileURLToPath(import.meta.url)), '../../..');
const out = (line: string) => process.stdout.write(`${line}\n`);

const stopAsked = new AbortController();
let platform: LocalPlatform | null = null;
let begun: Promise<unknown> = Promise.resolve();

/** The first Ctrl-C stops everything in order; a second one does not wait. */
function stopOn(signal: NodeJS.Signals): void {
  process.on(signal, () => {
    if (stopAsked.signal.aborted) process.exit(130);
    stopAsked.abort();
    out('stopping ...');
    setTimeout(() => { out('not everything stopped in order; ending now'); process.exit(1); }, 9_500).unref();
    // A start that is under way ends at its next step and takes back what it started.
    void begun.catch(() => undefined).then(() => platform?.stop()).then(() => { out('stopped; the data stays'); process.exit(0); });
  });
}

async function main(): Promise<void> {
  const options = readOptions(process.argv.slice(2), rootDir);
  if (options === null) { process.stdout.write(helpText); return; }
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) stopOn(signal);
  const began = performance.now();
  const starting = startPlatform(options, rootDir, out, stopAsked.signal);
  begun = starting;
  platform = await starting;
  if (stopAsked.signal.aborted) return;
  const { addresses, accounts } = platform;
  out('');
  for (const { username, password, role, tenant } of accounts) out(`sign in    ${username.padEnd(10)} ${password}   (${role}${tenant === null ? '' : `, tenant ${tenant}`})`);
  out('LAB MODE: security profiles 0 and 1 on a plain port; production refuses this');
  out(`ready in ${((performance.now() - began) / 1000).toFixed(1)} s  dashboard ${addresses.dashboard}  api ${addresses.api}  docs ${addresses.api.replace('/v1', '')}/docs  chargers ${addresses.ocpp}/<station id>`);
}

main().catch((error: unknown) => {
  if (stopAsked.signal.aborted) return;
  const code = (error as NodeJS.ErrnoException).code;
  const text = code === 'ENOSPC' ? 'the disk is full: free some space and start again' : error instanceof Error ? error.message : String(error);
  for (const line of text.split('\n')) process.stderr.write(`csms: ${line}\n`);
  if (process.env['CSMS_DEBUG'] && error instanceof Error) process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
