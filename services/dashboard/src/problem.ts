import type { Problem } from '@csms/contracts/http/index';

/** The problems that this server itself can answer with (RFC 9457); all others come from the API behind it. */
const problems = {
  'not-signed-in': { status: 401, title: 'Not signed in', detail: 'Sign in, then try again.' },
  'cross-origin-request': { status: 403, title: 'Request from another site', detail: 'This address answers only its own page.' },
  'identity-unavailable': { status: 503, title: 'The sign-in service does not answer', detail: 'Your session could not be renewed. Nothing was lost; try again in a moment.' },
  'api-unreachable': { status: 502, title: 'The API does not answer', detail: 'The dashboard runs, the API behind it does not answer. Charging goes on: stations talk to the gateways.' },
} as const;
export type PageProblemCode = keyof typeof problems;

export function problem(code: PageProblemCode, traceId: string): Problem {
  return { type: `https://charge-it.io/problems/${code}`, code, traceId, ...problems[code] };
}
