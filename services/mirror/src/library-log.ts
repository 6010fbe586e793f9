import { format } from 'node:util';

/** Gives what libraries print by themselves (Firebase's and Google's do) to `tell`, as one short line: our own words never go this way. */
export function hearLibraries(tell: (message: string) => void): void {
  for (const method of ['log', 'info', 'warn', 'error'] as const) {
    console[method] = (...words: unknown[]) => tell(format(...words).slice(0, 300));
  }
}
