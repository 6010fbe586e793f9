import process from 'node:process';
import { terminalOf } from '../terminal.ts';
import { kubectlOnPath, runKubectlCsms } from './program.ts';

process.exitCode = await runKubectlCsms(process.argv.slice(2), terminalOf(process, process.env), kubectlOnPath, () => Date.now());
