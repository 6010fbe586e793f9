import { z } from 'zod';

const SignedOut = z.object({ location: z.string() });

/** Ends the session here and then at the issuer. */
export async function signOut(): Promise<void> {
  const response = await fetch('/sign-out', { method: 'POST' });
  window.location.assign(SignedOut.parse(await response.json()).location);
}

/** Where the sign-in button leads: back to this very screen. */
export function signInAddress(): string {
  const here = new URL(window.location.href);
  here.searchParams.delete('sign-in');
  return `/sign-in?return=${encodeURIComponent(here.pathname + here.search)}`;
}
