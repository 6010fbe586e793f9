import { z } from 'zod';

const SignedOut = z.object({ location: z.string() });

/** Ends the session here and then at the issuer; everywhere: every other one of theirs too, on other machines and in csmsctl. Where that fails nothing is ended, and the page stays. */
export async function signOut({ everywhere = false } = {}): Promise<void> {
  const response = await fetch(`/sign-out${everywhere ? '?everywhere=true' : ''}`, { method: 'POST' });
  if (!response.ok) throw new Error(`sign-out answered ${response.status}`);
  window.location.assign(SignedOut.parse(await response.json()).location);
}

/** Where the sign-in button leads: back to this very screen. */
export function signInAddress(): string {
  const here = new URL(window.location.href);
  here.searchParams.delete('sign-in');
  return `/sign-in?return=${encodeURIComponent(here.pathname + here.search)}`;
}
