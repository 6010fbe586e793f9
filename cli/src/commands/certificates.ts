import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { CertificateAuthorityPage, Command as CommandShape, InstalledCertificatePage, SigningRequestPage, StationCertificate, StationCertificatePage } from '@csms/contracts/http/index';
import type { Api } from '../access.ts';
import { contextOf, wholeNumber, withCommonOptions, type Context } from '../context.ts';
import { CliError, exitCodes } from '../exit.ts';
import { facts, table } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';
import { findStation } from './stations.ts';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
/** A station may take its 30 seconds to answer. */
const answerMs = 45_000;
const roots = { csms: 'CentralSystemRootCertificate', manufacturer: 'ManufacturerRootCertificate' } as const;

function useOf(text: string): string {
  if (text === 'csms' || text === 'manufacturer') return roots[text];
  throw new CliError('--use is csms or manufacturer', exitCodes.usage);
}

export function addCertificates(program: Command, terminal: Terminal): void {
  const certificates = program.command('certificates').alias('cert').description('certificates of stations, and of whom they trust; alone: list');

  withCommonOptions(certificates.command('list', { isDefault: true }))
    .description('list the certificates of stations, newest first')
    .option('--station <identity>', 'of this station alone')
    .option('--expiring <days>', 'only those that end within so many days', wholeNumber('--expiring', 0, 3_650))
    .option('--state <state>', 'only those in this state: issued, installed, rejected, revoked')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates list\n  $ csmsctl certificates list --expiring 30\n  $ csmsctl certificates list --station CP_112 -o json')
    .action(async (options: Record<string, unknown> & { station?: string; expiring?: number; state?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const items = await api.list('/certificates', { stationId: await idOf(api, options.station), state: options.state, expiringWithinDays: options.expiring === undefined ? undefined : String(options.expiring) }, StationCertificatePage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ID', of: (each) => each.id }, { title: 'STATION', of: (each) => each.identity }, { title: 'STATE', of: (each) => each.state }, { title: 'ENDS', of: (each) => moment(each.notAfter) },
        { title: 'ORIGIN', of: (each) => each.origin }, { title: 'USED', of: (each) => moment(each.firstUsedAt) }, { title: 'DETAIL', of: (each) => each.detail ?? each.revocationReason },
      ]));
    });

  withCommonOptions(certificates.command('get <id>'))
    .description('show one certificate; --pem prints it')
    .option('--pem', 'the certificate itself, as PEM')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d\n  $ csmsctl certificates get 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d --pem | openssl x509 -text')
    .action(async (id: string, options: Record<string, unknown> & { pem?: boolean }) => {
      const context = contextOf(terminal, options);
      const found = await (await context.api('viewer')).call('GET', `/certificates/${idOfCertificate(id)}`, StationCertificate);
      if (options.pem === true) terminal.out(`${found.certificatePem.trimEnd()}\n`);
      else context.show(found, () => shown(found));
    });

  withCommonOptions(certificates.command('revoke <id>'))
    .description('let nobody in with a certificate any more; there is no way back')
    .option('--reason <text>', 'why, for the record')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates revoke 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d --reason "station was stolen"')
    .action(async (id: string, options: Record<string, unknown> & { reason?: string }) => {
      const context = contextOf(terminal, options);
      const revoked = await (await context.api('admin')).call('POST', `/certificates/${idOfCertificate(id)}/revocation`, StationCertificate, { body: options.reason === undefined ? {} : { reason: options.reason } });
      context.show(revoked, () => shown(revoked));
    });

  withCommonOptions(certificates.command('requests'))
    .description('what stations asked to have signed, latest first')
    .option('--station <identity>', 'of this station alone')
    .option('--limit <n>', 'how many at most', wholeNumber('--limit', 1, 100_000), 50)
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates requests\n  $ csmsctl certificates requests --station CP_112')
    .action(async (options: Record<string, unknown> & { station?: string; limit: number }) => {
      const context = contextOf(terminal, options);
      const api = await context.api('viewer');
      const items = await api.list('/signing-requests', { stationId: await idOf(api, options.station) }, SigningRequestPage, options.limit);
      context.show(items, () => table(items, [
        { title: 'ASKED', of: (each) => moment(each.requestedAt) }, { title: 'STATION', of: (each) => each.identity }, { title: 'STATE', of: (each) => each.state }, { title: 'DETAIL', of: (each) => each.detail },
      ]));
    });

  withCommonOptions(certificates.command('authorities'))
    .description('whose signature stations may come in with; --pem prints the certificates')
    .option('--pem', 'the certificates that are believed, as PEM')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates authorities\n  $ csmsctl certificates authorities --pem > demo-ca.pem')
    .action(async (options: Record<string, unknown> & { pem?: boolean }) => {
      const context = contextOf(terminal, options);
      const items = await (await context.api('viewer')).list('/certificate-authorities', {}, CertificateAuthorityPage, 1_000);
      if (options.pem === true) { terminal.out(items.filter((each) => each.state === 'active').map((each) => `${each.certificatePem.trimEnd()}\n`).join('')); return; }
      context.show(items, () => table(items, [
        { title: 'SUBJECT', of: (each) => each.subject }, { title: 'OPERATOR', of: (each) => each.operatorName }, { title: 'SIGNS', of: (each) => (each.signs ? 'yes' : 'no') },
        { title: 'STATE', of: (each) => each.state }, { title: 'ENDS', of: (each) => moment(each.notAfter) },
      ]));
    });

  withCommonOptions(certificates.command('install <identity> <file>'))
    .description('install a root, a PEM file, on a station')
    .option('--use <use>', 'csms: whom the station trusts as its CSMS; manufacturer: whom it trusts for firmware', 'csms')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates install CP_112 new-ca.pem\n  $ csmsctl certificates install CP_112 vendor-ca.pem --use manufacturer')
    .action(async (identity: string, file: string, options: Record<string, unknown> & { use: string }) => {
      const use = useOf(options.use);
      await askStation(terminal, options, 'admin', identity, '', { use, certificatePem: readPem(file) });
    });

  withCommonOptions(certificates.command('installed <identity>'))
    .description('roots that a station has, as it said last')
    .option('--ask', 'ask the station now')
    .option('--use <use>', 'with --ask: csms or manufacturer', 'csms')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates installed CP_112\n  $ csmsctl certificates installed CP_112 --ask --use manufacturer')
    .action(async (identity: string, options: Record<string, unknown> & { ask?: boolean; use: string }) => {
      const use = useOf(options.use);
      const context = contextOf(terminal, options);
      const api = await context.api(options.ask === true ? 'operator' : 'viewer');
      const station = await findStation(api, identity);
      const path = `/stations/${station.id}/installed-certificates`;
      if (options.ask === true) {
        const asked = await api.call('POST', `${path}/list`, CommandShape, { body: { use }, timeoutMs: answerMs });
        if (asked.state !== 'accepted' && asked.detail !== 'NotFound') throw new CliError(`${station.identity} did not say: ${asked.state}${asked.detail === null ? '' : `, ${asked.detail}`}`, exitCodes.refused);
      }
      const items = await api.list(path, {}, InstalledCertificatePage, 1_000);
      context.show(items, () => table(items, [
        { title: 'USE', of: (each) => each.use }, { title: 'SERIAL', of: (each) => each.serialNumber }, { title: 'SUBJECT', of: (each) => each.subject }, { title: 'ISSUER NAME HASH', of: (each) => each.issuerNameHash.slice(0, 16) }, { title: 'SEEN', of: (each) => moment(each.seenAt) },
      ]));
    });

  withCommonOptions(certificates.command('uninstall <identity> <serial>'))
    .description('delete a root from a station, by its serial number as `installed` prints it')
    .addHelpText('after', '\nExamples:\n  $ csmsctl certificates uninstall CP_112 5f3a')
    .action(async (identity: string, serial: string, options: Record<string, unknown>) => {
      const api = await contextOf(terminal, options).api('admin');
      const station = await findStation(api, identity);
      const matching = (await api.list(`/stations/${station.id}/installed-certificates`, {}, InstalledCertificatePage, 1_000)).filter((each) => each.serialNumber.toLowerCase() === serial.toLowerCase());
      const [only, ...others] = matching;
      if (only === undefined || others.length > 0) throw new CliError(only === undefined ? `${station.identity} has no root with this serial number, as far as is known: csmsctl certificates installed ${station.identity} --ask` : 'several roots of that station have this serial number', exitCodes.notFound);
      const { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } = only;
      await askStation(terminal, options, 'admin', identity, '/deletion', { hash: { hashAlgorithm, issuerNameHash, issuerKeyHash, serialNumber } });
    });
}

async function askStation(terminal: Terminal, options: Record<string, unknown>, role: 'admin', identity: string, suffix: string, body: object): Promise<void> {
  const context: Context = contextOf(terminal, options);
  const api = await context.api(role);
  const station = await findStation(api, identity);
  const ended = await api.call('POST', `/stations/${station.id}/installed-certificates${suffix}`, CommandShape, { body, timeoutMs: answerMs });
  context.show(ended, () => facts([['station', station.identity], ['command', ended.id], ['state', ended.state], ['says', ended.detail]]));
  if (ended.state === 'unknown') throw new CliError(`whether ${station.identity} did it is not known: ${ended.detail ?? 'it has not answered'}`, exitCodes.uncertain);
  if (ended.state !== 'accepted') throw new CliError(`${station.identity} did not do it: ${ended.state}${ended.detail === null ? '' : `, ${ended.detail}`}`, exitCodes.refused);
}

async function idOf(api: Api, identity: string | undefined): Promise<string | undefined> {
  return identity === undefined ? undefined : (await findStation(api, identity)).id;
}

function idOfCertificate(id: string): string {
  if (!uuid.test(id)) throw new CliError(`${id} is no id of a certificate: csmsctl certificates list prints them`, exitCodes.usage);
  return id;
}

function readPem(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new CliError(`${file} cannot be read: ${(error as NodeJS.ErrnoException).code ?? 'unknown error'}`, exitCodes.usage);
  }
}

function shown(each: StationCertificate): string {
  return facts([
    ['id', each.id], ['station', each.identity], ['state', each.state], ['origin', each.origin], ['issuer', each.issuer], ['serial', each.serialNumber], ['SHA-256', each.fingerprintSha256],
    ['valid', `${moment(each.notBefore)} to ${moment(each.notAfter)}`], ['installed', moment(each.installedAt)], ['first used', moment(each.firstUsedAt)], ['sent', `${each.deliveries} times`],
    ['revoked', each.revokedAt === null ? null : `${moment(each.revokedAt)}${each.revocationReason === null ? '' : `, ${each.revocationReason}`}`], ['says', each.detail],
  ]);
}
