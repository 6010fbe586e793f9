import type { Command } from 'commander';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import { Firmware, FirmwarePage, FirmwareUpdate, FirmwareUpdatePage } from '@csms/contracts/http/index';
import { contextOf, wholeNumber, withCommonOptions } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { localFile, upload } from '../files.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

const factsOf = (firmware: Firmware): string => facts([
  ['id', firmware.id], ['for', `${firmware.vendor} ${firmware.model}`], ['version', firmware.version], ['state', firmware.state], ['file', firmware.fileName], ['bytes', firmware.sizeBytes], ['SHA-256', firmware.sha256],
  ['signed under', firmware.signingFingerprint], ['entered by', firmware.createdBy], ['approved by', firmware.approvedBy], ['approved', moment(firmware.approvedAt)],
]);

/** The catalogue of firmware, and updates of single stations. */
export function addFirmware(program: Command, terminal: Terminal): void {
  const firmware = program.command('firmware').description('the catalogue of firmware; alone: list');

  withCommonOptions(firmware.command('list', { isDefault: true }))
    .description('list the catalogue, latest first')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl firmware list\n  $ csmsctl firmware list -o json')
    .action(async (options: Record<string, unknown> & { limit: number }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/firmware', {}, FirmwarePage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (each) => each.id }, { title: 'FOR', of: (each) => `${each.vendor} ${each.model}` }, { title: 'VERSION', of: (each) => each.version }, { title: 'STATE', of: (each) => each.state },
        { title: 'SIGNED', of: (each) => (each.isSigned ? 'yes' : 'no') }, { title: 'BYTES', of: (each) => each.sizeBytes, right: true }, { title: 'ENTERED BY', of: (each) => each.createdBy }, { title: 'APPROVED BY', of: (each) => each.approvedBy },
      ]));
    });

  withCommonOptions(firmware.command('add <file>'))
    .description('enter a file into the catalogue; unsigned, or signed under a certificate that is new here, a second person approves it')
    .requiredOption('--vendor <name>', 'as stations say it at their boot').requiredOption('--model <name>', 'as stations say it at their boot').requiredOption('--version <version>', 'as stations say it once they run it')
    .option('--signature <file>', 'the signature, base64').option('--certificate <file>', 'the certificate that signed it, PEM')
    .addHelpText('after', '\nExamples:\n  $ csmsctl firmware add acme-2.0.bin --vendor ACME --model AC22 --version 2.0\n  $ csmsctl firmware add acme-2.0.bin --vendor ACME --model AC22 --version 2.0 --signature acme-2.0.sig --certificate acme.pem')
    .action(async (path: string, options: Record<string, unknown> & { vendor: string; model: string; version: string; signature?: string; certificate?: string }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const text = async (file: string | undefined): Promise<string | null> => (file === undefined ? null : (await readFile(file, 'utf8').catch(() => { throw new CliError(`${file} cannot be read`, exitCodes.usage); })).trim());
      const { vendor, model, version } = options;
      const content = await localFile(path);
      const entered = await api.call('POST', '/firmware', Firmware, { body: { vendor, model, version, fileName: basename(path), signature: (await text(options.signature))?.replace(/\s+/g, '') ?? null, signingCertificatePem: await text(options.certificate) } });
      try {
        const stored = Firmware.parse(await upload(api, `/firmware/${entered.id}/file`, content));
        context.show(stored, () => factsOf(stored));
        if (stored.state === 'awaiting-approval') terminal.err(`csmsctl: a second person approves it: csmsctl firmware approve ${stored.id}\n`);
      } catch (error) {
        // Without its file the entry is of no use, and would keep the version taken.
        await api.call('POST', `/firmware/${entered.id}/withdraw`, Firmware).catch(() => undefined);
        throw error;
      }
    });

  for (const [verb, does] of [['approve', 'approve firmware that somebody else entered'], ['withdraw', 'withdraw firmware: no station is asked for it any more']] as const) {
    withCommonOptions(firmware.command(`${verb} <id>`))
      .description(does)
      .addHelpText('after', `\nExamples:\n  $ csmsctl firmware ${verb} 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d`)
      .action(async (id: string, options: Record<string, unknown>) => {
        const context = contextOf(terminal, options);
        const done = await (await context.api('admin')).call('POST', `/firmware/${encodeURIComponent(id)}/${verb}`, Firmware);
        context.show(done, () => factsOf(done));
      });
  }

  withCommonOptions(firmware.command('update <identity>'))
    .description('bring approved firmware to one station')
    .requiredOption('--firmware <id>', 'which, from the catalogue')
    .option('--timeout <seconds>', 'after this without an end it has failed', wholeNumber('--timeout', 1, 86_400), 3_600)
    .addHelpText('after', '\nExamples:\n  $ csmsctl firmware update CP_112 --firmware 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl firmware updates --station CP_112')
    .action(async (identity: string, options: Record<string, unknown> & { firmware: string; timeout: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('admin');
      const station = await findStation(api, identity);
      const update = await api.call('POST', `/stations/${station.id}/firmware`, FirmwareUpdate, { body: { firmwareId: options.firmware, updateTimeoutS: options.timeout } });
      context.show(update, () => facts([['id', update.id], ['station', update.stationIdentity], ['version', update.version], ['from', station.firmware], ['state', update.state]]));
    });

  withCommonOptions(firmware.command('updates'))
    .description('list updates of stations, latest first')
    .option('--station <identity>', 'only those of a station').option('--rollout <id>', 'only those of a rollout')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl firmware updates --station CP_112\n  $ csmsctl firmware updates --rollout 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d -o json')
    .action(async (options: Record<string, unknown> & { station?: string; rollout?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const stationId = options.station === undefined ? undefined : (await findStation(api, options.station)).id;
      const items = await api.list('/firmware/updates', { stationId, rolloutId: options.rollout }, FirmwareUpdatePage, options.limit);
      context.show(items, () => table(items, [
        { title: 'STATION', of: (each) => each.stationIdentity }, { title: 'VERSION', of: (each) => each.version }, { title: 'BEFORE', of: (each) => each.firmwareBefore }, { title: 'STATE', of: (each) => each.state }, { title: 'STATION SAYS', of: (each) => each.stationSays },
        { title: 'SIGNED', of: (each) => (each.isSigned ? 'yes' : 'no') }, { title: 'ASKED', of: (each) => moment(each.askedAt) }, { title: 'ENDED', of: (each) => moment(each.endedAt) }, { title: 'WHY', of: (each) => each.detail },
      ]));
    });
}
