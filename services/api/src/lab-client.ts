import type { z } from 'zod';
import { ApiProblem } from './problems/api-problem.ts';

/** Asks the launcher's control server, which holds the simulated fleet and the processes. Throws lab-unreachable for every way in which it fails. */
export async function askLab<S extends z.ZodType>(lab: { url: string; token: string }, method: 'GET' | 'POST', path: string, schema: S, body?: unknown): Promise<z.infer<S>> {
  try {
    const answer = await fetch(`${lab.url.replace(/\/+$/, '')}${path}`, {
      method, headers: { authorization: `Bearer ${lab.token}`, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }), signal: AbortSignal.timeout(10_000),
    });
    const json: unknown = await answer.json();
    return schema.parse(json);
  } catch (cause) {
    throw new ApiProblem('lab-unreachable', { cause });
  }
}
