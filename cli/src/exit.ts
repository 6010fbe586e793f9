/** What a script can tell from the exit code; printed by `csmsctl --help`. */
export const exitCodes = {
  done: 0,
  refused: 1,
  usage: 2,
  unreachable: 3,
  notFound: 4,
  uncertain: 5,
} as const;

export const exitCodesText = `Exit codes: 0 done, 1 refused or failed, 2 wrong usage, 3 the platform cannot be reached, 4 not found,
5 the station's answer is not known (unknown, expired or not connected).`;

/** An end that is no bug: its message is for a person, its code for a script. */
export class CliError extends Error {
  override name = 'CliError';
  readonly exitCode: number;

  constructor(message: string, exitCode: number) {
    super(message);
    this.exitCode = exitCode;
  }
}
