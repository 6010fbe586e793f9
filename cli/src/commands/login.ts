import type { Command } from 'commander';
import { Me } from '@csms/contracts/http/index';
import { z } from 'zod';
import { Api } from '../access.ts';
import { contextOf, withCommonOptions } from '../context.ts';
import { revokeToken, signInByDevice } from '../device-flow.ts';
import { CliError, exitCodes } from '../exit.ts';
import { readPlatform, readSettings } from '../platform.ts';
import { forgetSession, readSession, sessionOf, writeSession } from '../session.ts';
import { facts } from '../table.ts';
import type { Terminal } from '../terminal.ts';
import { moment } from '../words.ts';

export function addLogin(program: Command, terminal: Terminal): void {
  program.command('login')
    .description('sign in as yourself, on any screen: a code is shown here and entered there')
    .option('--api <url>', 'the API, with its /api/v1 (default: CSMS_API_URL, else the platform that runs here)')
    .option('--issuer <url>', 'who signs people in there (default: that of the platform that runs here)')
    .option('--client <id>', 'what csmsctl is called at the issuer', 'csmsctl')
    .addHelpText('after', '\nExamples:\n  $ csmsctl login\n  $ csmsctl login --api https://csms.example.com/api/v1 --issuer https://id.example.com/realms/csms')
    .action(async (options: { api?: string; issuer?: string; client: string }) => {
      const settings = readSettings(terminal.env);
      const path = needPath(settings.sessionFile);
      const named = options.api ?? settings.apiUrl;
      if (named !== null && options.issuer === undefined) throw new CliError('an API elsewhere needs its issuer: --issuer https://...', exitCodes.usage);
      const api = (named ?? readPlatform(settings).addresses.api).replace(/\/$/, '');
      const issuer = options.issuer ?? readPlatform(settings).addresses.issuer;
      const tokens = await signInByDevice(issuer, options.client, ({ address, userCode }) => { terminal.err(`Open ${address}\nand compare the code: ${userCode}\n`); });
      const session = sessionOf({ api, issuer, clientId: options.client }, tokens, null);
      const me = await Api.at(api, session.accessToken).call('GET', '/me', Me);
      writeSession(path, session);
      terminal.err(`signed in as ${me.name ?? me.subject}, ${me.roles.join(', ') || 'without a role'}${me.tenant === null ? '' : ` of ${me.tenant}`}\n`);
    });

  program.command('logout')
    .description('end the sign-in of csmsctl')
    .option('--everywhere', 'and every other one of yours: dashboards, other machines')
    .addHelpText('after', '\nExamples:\n  $ csmsctl logout\n  $ csmsctl logout --everywhere')
    .action(async (options: { everywhere?: boolean }) => {
      const settings = readSettings(terminal.env);
      const path = needPath(settings.sessionFile);
      const session = readSession(path);
      if (session === null) throw new CliError('nobody is signed in here', exitCodes.notFound);
      if (options.everywhere === true) await (await Api.open({ ...settings, apiUrl: null, token: null }, { tenant: null, role: 'viewer' })).call('POST', '/me/sign-out-everywhere', z.null());
      const { issuer, clientId, refreshToken } = readSession(path) ?? session;
      // Forgotten here whatever the issuer says: who logs out means it.
      forgetSession(path);
      if (refreshToken !== null) await revokeToken(issuer, clientId, refreshToken);
      terminal.err('signed out\n');
    });

  withCommonOptions(program.command('whoami'))
    .description('who csmsctl is for the API')
    .addHelpText('after', '\nExamples:\n  $ csmsctl whoami\n  $ csmsctl whoami -o json')
    .action(async (options: Record<string, unknown>) => {
      const context = contextOf(terminal, options);
      const me = await (await context.api('viewer')).call('GET', '/me', Me);
      context.show(me, () => facts([
        ['subject', me.subject], ['name', me.name], ['tenant', me.tenant], ['roles', me.roles.join(', ')],
        ...(me.impersonation === null ? [] : [['acting for them', `${me.impersonation.staff}: ${me.impersonation.reason}, until ${moment(me.impersonation.expiresAt)}`] as const]),
      ]));
    });
}

function needPath(path: string | null): string {
  if (path === null) throw new CliError('there is no place for a sign-in: set HOME, or CSMS_SESSION_FILE', exitCodes.usage);
  return path;
}
