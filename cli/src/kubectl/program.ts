import { execFile } from 'node:child_process';
import { Command, CommanderError, Option } from 'commander';
import { cleanText } from '../clean-text.ts';
import { CliError, exitCodes, exitCodesText } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { EventsShown, SiteShown, statusScreen } from './status-screen.ts';

/** Runs kubectl and gives what it printed. Rejects with CliError: its own words, or that it is not there. */
export type Kubectl = (args: string[]) => Promise<string>;

/** `kubectl` of PATH: whatever it needs to sign in, it knows. */
export const kubectlOnPath: Kubectl = (args) =>
  new Promise((resolve, reject) => {
    execFile('kubectl', args, { maxBuffer: 64 * 1024 * 1024, timeout: 30_000 }, (error, stdout, stderr) => {
      if (error === null) return resolve(stdout);
      const missing = 'code' in error && error.code === 'ENOENT';
      const notFound = /\(NotFound\)/.test(stderr);
      reject(new CliError(missing ? 'kubectl is not on PATH' : stderr.trim() || error.message, notFound ? exitCodes.notFound : missing ? exitCodes.usage : exitCodes.unreachable));
    });
  });

/** The commands of `kubectl csms`. */
export function buildKubectlProgram(terminal: Terminal, kubectl: Kubectl, nowMs: () => number): Command {
  const program = new Command('kubectl csms').description('charging sites of a cluster on one screen').showHelpAfterError('(--help shows how)').addHelpText('after', `\n${exitCodesText}\n\nExamples:\n  $ kubectl csms status bandung-01 -n pln-bandung`);
  program
    .command('status <site>')
    .description('what a site is, what its conditions say and what happened to it')
    .option('-n, --namespace <namespace>', 'its namespace (default: that of the current context)')
    .option('--context <context>', 'a context of the kubeconfig')
    .option('--kubeconfig <file>', 'another kubeconfig')
    .addOption(new Option('-o, --output <format>', 'how data is printed').choices(['table', 'json']).default('table'))
    .addHelpText('after', '\nExamples:\n  $ kubectl csms status bandung-01 -n pln-bandung\n  $ kubectl csms status bandung-01 -o json | jq .status.conditions')
    .action(async (name: string, options: { namespace?: string; context?: string; kubeconfig?: string; output: string }) => {
      const where = (['namespace', 'context', 'kubeconfig'] as const).flatMap((flag) => (options[flag] === undefined ? [] : [`--${flag}=${options[flag]}`]));
      const text = await kubectl(['get', `chargingsites.csms.charge-it.io/${name}`, '-o', 'json', ...where]);
      if (options.output === 'json') return terminal.out(text);
      const site = SiteShown.parse(JSON.parse(text));
      // Who may read the site may not be allowed to read events.
      const events = await kubectl(['get', 'events', '-o', 'json', `--namespace=${site.metadata.namespace}`, `--field-selector=involvedObject.uid=${site.metadata.uid}`, ...where.filter((flag) => !flag.startsWith('--namespace'))]).then((list) => EventsShown.parse(JSON.parse(list)), () => ({ items: [] }));
      terminal.out(statusScreen(site, events, nowMs()));
    });
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) });
  return program;
}

/** Runs one command line; resolves with the exit code and never throws. */
export async function runKubectlCsms(argv: string[], terminal: Terminal, kubectl: Kubectl, nowMs: () => number): Promise<number> {
  try {
    await buildKubectlProgram(terminal, kubectl, nowMs).parseAsync(argv, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    for (const line of (error instanceof Error ? error.message : String(error)).split('\n')) terminal.err(`kubectl csms: ${cleanText(line)}\n`);
    return error instanceof CliError ? error.exitCode : exitCodes.refused;
  }
}
