import { z } from 'zod';

/** What a card is told while the books cannot be reached. known: accepted where it was accepted lately; refuse: nobody is. */
export type OutagePolicy = 'known' | 'refuse';

export interface OutagePolicies {
  usual: OutagePolicy;
  byTenant: ReadonlyMap<string, OutagePolicy>;
}

const policy = z.enum(['known', 'refuse']);

/** The setting as text: the usual policy, then exceptions by tenant: `known`, or `refuse,acme=known`. */
export const outagePolicies = z.string().default('known').transform((text, context): OutagePolicies => {
  let usual: OutagePolicy = 'known';
  const byTenant = new Map<string, OutagePolicy>();
  for (const part of text.split(',').map((each) => each.trim()).filter((each) => each !== '')) {
    const [left = '', right] = part.split('=').map((each) => each.trim());
    const parsed = policy.safeParse(right ?? left);
    if (!parsed.success) {
      context.addIssue(`expected known or refuse, or tenant=known or tenant=refuse, and not ${part}`);
      return z.NEVER;
    }
    if (right === undefined) usual = parsed.data;
    else byTenant.set(left, parsed.data);
  }
  return { usual, byTenant };
});
