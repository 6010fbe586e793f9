import { Problem } from '@csms/contracts/http/common';
import { ProblemError } from '../api/client.ts';

/** Begins to act for a tenant, and opens its books in place of this page. Throws ProblemError. */
export async function actFor(request: { tenant: string; role: string; reason: string }): Promise<void> {
  await ask({ method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(request) });
  window.location.assign('/');
}

/** Ends acting for a tenant, and opens staff's own page. Throws ProblemError. */
export async function stopActing(): Promise<void> {
  await ask({ method: 'DELETE' });
  window.location.assign('/');
}

async function ask(init: RequestInit): Promise<void> {
  const answer = await fetch('/impersonation', init).catch(() => null);
  if (answer?.ok) return;
  const problem = Problem.safeParse(await answer?.json().catch(() => null));
  throw new ProblemError(problem.success ? problem.data : { type: 'about:blank', title: 'No connection', status: 0, code: 'no-connection' });
}
