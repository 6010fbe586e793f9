import type { Problem } from '@csms/contracts/http/common';
import { problemTable, type ProblemCode } from './table.ts';

/** An answer that is an error of the table; `detail` is a sentence about this one case and holds no secret. */
export class ApiProblem extends Error {
  override name = 'ApiProblem';
  readonly code: ProblemCode;
  readonly detail: string | undefined;
  readonly errors: { path: string; message: string }[] | undefined;
  readonly retryAfterS: number | undefined;

  constructor(code: ProblemCode, about: { detail?: string; errors?: { path: string; message: string }[]; retryAfterS?: number; cause?: unknown } = {}) {
    super(about.detail ?? problemTable[code].title, { cause: about.cause });
    this.code = code;
    this.detail = about.detail;
    this.errors = about.errors;
    this.retryAfterS = about.retryAfterS;
  }
}

/** The RFC 9457 document of a problem. A missing thing has the same body whoever asks, so it carries no detail, no instance and no trace id. */
export function problemDocument(problem: ApiProblem, traceId: string): Problem {
  const { status, title } = problemTable[problem.code];
  return {
    type: `urn:csms:problem:${problem.code}`, title, status, code: problem.code,
    ...(problem.detail === undefined ? {} : { detail: problem.detail }),
    ...(problem.errors === undefined ? {} : { errors: problem.errors }),
    ...(problem.code === 'not-found' ? {} : { traceId }),
  };
}

/** The thing that was asked for, or the problem that there is none. */
export function found<T>(thing: T | null | undefined): T {
  if (thing === null || thing === undefined) throw new ApiProblem('not-found');
  return thing;
}
