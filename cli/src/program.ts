import { Command, CommanderError } from 'commander';
import { addAudit } from './commands/audit.ts';
import { addCards } from './commands/cards.ts';
import { addCertificates } from './commands/certificates.ts';
import { addChargingPlans } from './commands/charging-plans.ts';
import { addConfiguration } from './commands/configuration.ts';
import { addDiagnostics } from './commands/diagnostics.ts';
import { addDoctor } from './commands/doctor.ts';
import { addDrivers } from './commands/drivers.ts';
import { addEnrol } from './commands/enrol.ts';
import { addFirmware } from './commands/firmware.ts';
import { addImport } from './commands/import.ts';
import { addKeys } from './commands/keys.ts';
import { addLocalList } from './commands/local-list.ts';
import { addLogin } from './commands/login.ts';
import { addPeople } from './commands/people.ts';
import { addPorts } from './commands/ports.ts';
import { addReservations } from './commands/reservations.ts';
import { addSecurityEvents } from './commands/security-events.ts';
import { addRollouts } from './commands/rollouts.ts';
import { addSessions } from './commands/sessions.ts';
import { addSites } from './commands/sites.ts';
import { addStations } from './commands/stations.ts';
import { addToken } from './commands/token.ts';
import { CliError, exitCodes, exitCodesText } from './exit.ts';
import { cleanText } from './clean-text.ts';
import type { Terminal } from './terminal.ts';

/** The commands of csmsctl over a terminal; every failure leaves as a CliError or as commander's own error. */
export function buildProgram(terminal: Terminal): Command {
  const program = new Command('csmsctl')
    .description('Charge-IT CSMS from a terminal: data on stdout, talk on stderr')
    .showHelpAfterError('(--help shows how)')
    .addHelpText('after', `
Environment:
  CSMS_DATA_DIR   the data folder of npm start (.csms)
  CSMS_API_URL    an API elsewhere, e.g. https://csms.example.com/api/v1, with CSMS_TOKEN
  CSMS_TOKEN      an access token, or an API key
  CSMS_SESSION_FILE  where csmsctl login keeps who signed in (~/.config/csmsctl/session.json)
  NO_COLOR        no colours

${exitCodesText}

Examples:
  $ csmsctl doctor
  $ csmsctl stations list
  $ csmsctl session explain 019ab3c2-7d1e-7c41-9d6f-0a4f6c1f2b3d
  $ csmsctl station command CP_112 remote-stop --wait`);
  for (const add of [addLogin, addToken, addPorts, addSites, addStations, addSessions, addDrivers, addCards, addEnrol, addImport, addReservations, addChargingPlans, addLocalList, addConfiguration, addDiagnostics, addFirmware, addRollouts, addCertificates, addSecurityEvents, addAudit, addPeople, addKeys, addDoctor]) add(program, terminal);
  forEachCommand(program, (command) => command.exitOverride().configureOutput({ writeOut: (text) => terminal.out(text), writeErr: (text) => terminal.err(text) }));
  return program;
}

/** Runs one command line; resolves with the exit code and never throws. */
export async function runCli(argv: string[], terminal: Terminal): Promise<number> {
  try {
    await buildProgram(terminal).parseAsync(argv, { from: 'user' });
    return exitCodes.done;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.done : exitCodes.usage;
    const message = error instanceof Error ? error.message : String(error);
    for (const line of message.split('\n')) terminal.err(`csmsctl: ${cleanText(line)}\n`);
    return error instanceof CliError ? error.exitCode : exitCodes.refused;
  }
}

export function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command);
  for (const child of command.commands) forEachCommand(child, visit);
}
