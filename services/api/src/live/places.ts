import { ApiProblem } from '../problems/api-problem.ts';

/** How many streams are open at once in this process, counted so that one holder or one tenant cannot take every socket and all memory. `what` they are called in a refusal. */
export function openPlaces(limits: { perHolder: number; perTenant: number; what?: string }): (tenant: string, subject: string) => { leave(): void } {
  const { what = 'live streams' } = limits;
  const taken = new Map<string, number>();
  const count = (key: string, by: 1 | -1): void => {
    const now = (taken.get(key) ?? 0) + by;
    if (now === 0) taken.delete(key);
    else taken.set(key, now);
  };
  /** Throws `too-many-requests` where there is no room; `leave` may be called more than once. */
  return (tenant, subject) => {
    const [ofTenant, ofHolder] = [JSON.stringify([tenant]), JSON.stringify([tenant, subject])];
    if ((taken.get(ofHolder) ?? 0) >= limits.perHolder) throw new ApiProblem('too-many-requests', { detail: `at most ${limits.perHolder} ${what} may be open for one holder of tokens`, retryAfterS: 10 });
    if ((taken.get(ofTenant) ?? 0) >= limits.perTenant) throw new ApiProblem('too-many-requests', { detail: `at most ${limits.perTenant} ${what} may be open for one tenant`, retryAfterS: 10 });
    for (const key of [ofTenant, ofHolder]) count(key, 1);
    let isTaken = true;
    return {
      leave() {
        if (!isTaken) return;
        isTaken = false;
        for (const key of [ofTenant, ofHolder]) count(key, -1);
      },
    };
  };
}
