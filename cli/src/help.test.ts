import { expect, it } from 'vitest';
import { buildProgram, forEachCommand, runCli } from './program.ts';
import type { Terminal } from './terminal.ts';

/* What `--help` says is what people read first: a change of it is seen in review. `vitest -u` writes it anew. */
it('the help of every command is the one in testdata/help.txt', async () => {
  let out = '';
  const terminal: Terminal = { out: (text) => { out += text; }, err: () => undefined, color: false, env: {} };
  const named: string[][] = [];
  forEachCommand(buildProgram(terminal), (command) => {
    const path: string[] = [];
    for (let at: typeof command | null = command; at?.parent; at = at.parent) path.unshift(at.name());
    named.push(path);
  });
  for (const path of named) {
    out += `$ ${['csmsctl', ...path, '--help'].join(' ')}\n`;
    await runCli([...path, '--help'], terminal);
    out += '\n';
  }
  await expect(out).toMatchFileSnapshot('../testdata/help.txt');
});
