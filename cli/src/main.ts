import { terminalOf } from './terminal.ts';
import { runCli } from './program.ts';

process.exitCode = await runCli(process.argv.slice(2), terminalOf(process, process.env));
