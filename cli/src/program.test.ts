import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { exitCodes } from './exit.ts';
import { buildProgram, forEachCommand, runCli } from './program.ts';
import type { Terminal } from './terminal.ts';

function paper(env: Record<string, string> = {}): Terminal & { outText: () => string; errText: () => string } {
  let out = '';
  let err = '';
  return {
    out: (text) => { out += text; }, err: (text) => { err += text; }, color: false,
    env: { CSMS_DATA_DIR: mkdtempSync(join(tmpdir(), 'csmsctl-')), ...env }, outText: () => out, errText: () => err,
  };
}

it('shows examples in the help of every command that does something', async () => {
  const leaves: string[][] = [];
  const path = (command: { name(): string; parent: unknown }): string[] => {
    const parent = command.parent as typeof command | null;
    return parent === null ? [] : [...path(parent), command.name()];
  };
  forEachCommand(buildProgram(paper()), (command) => { if (command.commands.length === 0) leaves.push(path(command)); });
  expect(leaves.length).toBeGreaterThan(9);
  for (const leaf of leaves) {
    const terminal = paper();
    expect(await runCli([...leaf, '--help'], terminal)).toBe(exitCodes.done);
    expect(terminal.outText(), leaf.join(' ')).toMatch(/Examples:\n {2}\$ csmsctl /);
  }
});

it.each([
  [['bogus'], exitCodes.usage], [['stations', 'list', '--limit', 'x'], exitCodes.usage], [['sessions', 'get', 'x'], exitCodes.usage], [['token', '--role', 'root'], exitCodes.usage],
  [['station', 'command', 'CP_1', 'explode'], exitCodes.usage], [['stations', 'list'], exitCodes.unreachable], [['sites'], exitCodes.unreachable], [['stations', '--status', 'Faulted'], exitCodes.unreachable], [['session'], exitCodes.unreachable], [['stations', 'bogus'], exitCodes.usage], [['ports'], exitCodes.unreachable], [['token'], exitCodes.unreachable], [['doctor'], exitCodes.refused],
])('%j without a platform exits with %i, and says why on stderr alone', async (argv, code) => {
  const terminal = paper();
  expect(await runCli(argv, terminal)).toBe(code);
  expect(terminal.errText()).not.toBe('');
  if (argv[0] !== 'doctor') expect(terminal.outText()).toBe('');
});

it('an API elsewhere needs a token', async () => {
  const terminal = paper({ CSMS_API_URL: 'https://csms.example.com/api/v1' });
  expect(await runCli(['stations', 'list'], terminal)).toBe(exitCodes.usage);
  expect(terminal.errText()).toContain('CSMS_TOKEN');
});
