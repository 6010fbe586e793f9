import { Option, type Command } from 'commander';
import { StationUpload, StationUploadPage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions, type Context } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { downloadTo } from '../files.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

interface AskOptions extends Record<string, unknown> { from?: string; to?: string; wait?: boolean; out?: string; timeout: number; type?: string }

/** Diagnostics and logs of stations: asked for, waited for, and written to a file. */
export function addDiagnostics(program: Command, terminal: Terminal): void {
  const diagnostics = program.command('diagnostics').description('diagnostics and logs that stations upload; alone: list');

  withCommonOptions(diagnostics.command('list', { isDefault: true }))
    .description('list what stations were asked to upload, latest first')
    .option('--station <identity>', 'only those of a station')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl diagnostics list --station CP_112\n  $ csmsctl diagnostics list -o json')
    .action(async (options: Record<string, unknown> & { station?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('operator');
      const stationId = options.station === undefined ? undefined : (await findStation(api, options.station)).id;
      const items = await api.list('/uploads', { stationId }, StationUploadPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (upload) => upload.id }, { title: 'STATION', of: (upload) => upload.stationIdentity }, { title: 'KIND', of: (upload) => upload.kind }, { title: 'STATE', of: (upload) => upload.state },
        { title: 'STATION SAYS', of: (upload) => upload.stationSays }, { title: 'ASKED', of: (upload) => moment(upload.createdAt) }, { title: 'BYTES', of: (upload) => upload.sizeBytes, right: true }, { title: 'FILE', of: (upload) => upload.fileName }, { title: 'WHY', of: (upload) => upload.detail },
      ]));
    });

  const asking = (command: Command): Command => withCommonOptions(command)
    .option('--from <time>', 'not older than this, RFC 3339 UTC').option('--to <time>', 'not newer than this, RFC 3339 UTC')
    .option('--wait', 'wait until the file is there').option('-O, --out <file>', 'write the file there, - is stdout; waits for it')
    .option('--timeout <seconds>', 'wait at most so long', wholeNumber('--timeout', 1, 3_600), 300);

  asking(diagnostics.command('get <identity>'))
    .description('ask a station for its diagnostics (GetDiagnostics)')
    .addHelpText('after', '\nExamples:\n  $ csmsctl diagnostics get CP_112 --wait\n  $ csmsctl diagnostics get CP_112 --from 2026-11-24T00:00:00Z -O cp_112.tar.gz')
    .action((identity: string, options: AskOptions) => ask(contextOf(terminal, options), identity, 'diagnostics', {}, options));
  asking(diagnostics.command('log <identity>'))
    .description('ask a station for a log (GetLog of the security extension)')
    .addOption(new Option('--type <type>', 'which log').choices(['diagnostics', 'security']).default('diagnostics'))
    .addHelpText('after', '\nExamples:\n  $ csmsctl diagnostics log CP_112 --type security -O security.log\n  $ csmsctl diagnostics log CP_112 --wait -o json')
    .action((identity: string, options: AskOptions) => ask(contextOf(terminal, options), identity, 'logs', { type: options.type }, options));

  withCommonOptions(diagnostics.command('fetch <id>'))
    .description('write a file that came to this machine')
    .requiredOption('-O, --out <file>', 'where to, - is stdout')
    .addHelpText('after', '\nExamples:\n  $ csmsctl diagnostics fetch 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -O cp_112.tar.gz')
    .action(async (id: string, options: Record<string, unknown> & { out: string }) => {
      const api = await contextOf(terminal, options).api('operator');
      const bytes = await downloadTo(api, `/files/${encodeURIComponent(id)}`, options.out, (chunk) => terminal.out(chunk.toString('latin1')));
      terminal.err(`csmsctl: ${bytes} bytes in ${options.out}\n`);
    });
}

async function ask(context: Context, identity: string, what: 'diagnostics' | 'logs', more: object, options: AskOptions): Promise<void> {
  const { terminal } = context;
  const api = await context.api('operator');
  const station = await findStation(api, identity);
  let upload = await api.call('POST', `/stations/${station.id}/${what}`, StationUpload, { body: { ...more, from: options.from ?? null, to: options.to ?? null } });
  if (options.wait === true || options.out !== undefined) upload = await follow(api, upload, options.timeout, (line) => terminal.err(`csmsctl: ${line}\n`));
  if (options.out !== undefined && upload.state === 'stored') await downloadTo(api, `/files/${upload.id}`, options.out, (chunk) => terminal.out(chunk.toString('latin1')));
  if (options.out !== '-') {
    context.show(upload, () => facts([
      ['id', upload.id], ['station', upload.stationIdentity], ['kind', upload.kind], ['state', upload.state], ['station says', upload.stationSays], ['why', upload.detail], ['file', options.out ?? upload.fileName], ['bytes', upload.sizeBytes],
      ['SHA-256', upload.sha256], ['asked', moment(upload.createdAt)], ['address ends', moment(upload.expiresAt)],
    ]));
  }
  if (upload.state === 'failed' || upload.state === 'expired') throw new CliError(`${upload.stationIdentity} sent no file: ${upload.detail ?? upload.state}`, exitCodes.refused);
  if (upload.state !== 'stored') {
    if (options.wait === true || options.out !== undefined) throw new CliError(`no file yet; csmsctl diagnostics fetch ${upload.id} -O FILE when it is there`, exitCodes.uncertain);
    terminal.err(`csmsctl: asked; --wait waits for the file\n`);
  }
}

/** Follows an upload to its end, and says each step once. */
async function follow(api: Api, started: StationUpload, timeoutS: number, say: (line: string) => void): Promise<StationUpload> {
  let upload = started;
  let said = '';
  for (const endsAt = Date.now() + timeoutS * 1_000; ; upload = await api.call('GET', `/uploads/${upload.id}`, StationUpload)) {
    const now = [upload.state, upload.stationSays === null ? null : `the station says ${upload.stationSays}`].filter((part) => part !== null).join(', ');
    if (now !== said) say(said = now);
    if (!['asked', 'receiving'].includes(upload.state) || Date.now() > endsAt) return upload;
    await new Promise((resolve) => { setTimeout(resolve, 500); });
  }
}
