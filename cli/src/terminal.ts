/** Data goes to `out`, everything said to a person goes to `err`, so that a pipe sees data alone. */
export interface Terminal {
  out(text: string): void;
  err(text: string): void;
  color: boolean;
  env: Record<string, string | undefined>;
}

export function terminalOf(process: NodeJS.Process, env: Record<string, string | undefined>): Terminal {
  // A reader such as `head` that leaves early is no failure of ours.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => { if (error.code === 'EPIPE') process.exit(0); });
  return {
    out: (text) => void process.stdout.write(text),
    err: (text) => void process.stderr.write(text),
    // https://no-color.org: any value that is not empty.
    color: Boolean(process.stdout.isTTY) && !env['NO_COLOR'],
    env,
  };
}
