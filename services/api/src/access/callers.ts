import { accessCutOf } from '@csms/store/access/access-cuts';
import { useApiKey } from '@csms/store/access/api-keys';
import { useImpersonation } from '@csms/store/access/impersonations';
import { inTenant } from '@csms/store/in-tenant';
import type pg from 'pg';
import type { PeopleDirectory } from '../people/people-directory.ts';
import { ApiProblem } from '../problems/api-problem.ts';
import { apiSecretHmac, readApiSecret, type ApiSecret } from './api-secrets.ts';
import { staffBook, type Principal } from './principal.ts';
import type { TokenVerifier } from './verify-token.ts';

export interface Callers {
  /** Who this bearer is: an access token of the issuer, an API key, or an impersonation. Throws ApiProblem where it is nobody's. */
  identify(bearer: string): Promise<Principal>;
  /** Before something that cannot be taken back: does the issuer still say what the token says? Throws ApiProblem token-over or role-missing. */
  recheck(principal: Principal): Promise<void>;
}

/** A change that we made ourselves is seen by every process within this, on every route. */
const cutSeenWithinMs = 10_000;
const rememberedMax = 10_000;

/** Knows who calls: `verify` for tokens of the issuer, the books for keys and impersonations; `people` null leaves the re-check to the books alone. `onUnchecked` hears of a re-check that the issuer did not answer. */
export function openCallers(parts: { verify: TokenVerifier; pool: pg.Pool; pepper: string; people: PeopleDirectory | null; now: () => Date; nowMs?: () => number; onUnchecked?: (error: unknown) => void }): Callers {
  const { verify, pool, pepper, people, nowMs = Date.now } = parts;
  const cuts = new Map<string, { atMs: number; notBeforeMs: number | null }>();

  async function refuseCut(principal: Principal, withinMs: number): Promise<void> {
    const book = principal.tenant ?? staffBook;
    const key = JSON.stringify([book, principal.subject]);
    let known = cuts.get(key);
    if (!known || nowMs() - known.atMs >= withinMs) {
      const notBefore = await inTenant(pool, book, (db) => accessCutOf(db, principal.subject));
      known = { atMs: nowMs(), notBeforeMs: notBefore?.getTime() ?? null };
      cuts.delete(key);
      cuts.set(key, known);
      if (cuts.size > rememberedMax) cuts.delete(cuts.keys().next().value ?? '');
    }
    // Tokens carry whole seconds: one of the very second of the cut is refused too, and its holder signs in again.
    if (known.notBeforeMs !== null && principal.issuedAtMs < known.notBeforeMs) throw new ApiProblem('token-over');
  }

  async function open(secret: ApiSecret): Promise<Principal> {
    const digest = apiSecretHmac(pepper, secret);
    const now = parts.now();
    if (secret.kind === 'csk') {
      const key = await inTenant(pool, secret.tenant, (client) => useApiKey(client, digest, now));
      if (!key) throw new ApiProblem('token-invalid');
      return { kind: 'api-key', subject: `api-key ${key.id}`, name: `key ${key.name}`, tenant: secret.tenant, roles: [key.role], issuedAtMs: key.createdAt.getTime(), expiresAtMs: key.expiresAt.getTime(), areas: key.areas, impersonation: null };
    }
    const acting = await inTenant(pool, secret.tenant, (db) => useImpersonation(db, digest, now));
    if (!acting) throw new ApiProblem('token-invalid');
    return {
      kind: 'impersonation', subject: acting.staffSubject, name: `platform staff ${acting.staff}`, tenant: secret.tenant, roles: [acting.role], issuedAtMs: Date.parse(acting.startedAt), expiresAtMs: Date.parse(acting.expiresAt),
      areas: null, impersonation: { id: acting.id, reason: acting.reason },
    };
  }

  return {
    async identify(bearer) {
      const secret = readApiSecret(bearer);
      if (secret) return open(secret);
      const principal = await verify(bearer);
      await refuseCut(principal, cutSeenWithinMs);
      return principal;
    },

    async recheck(principal) {
      // A key or an impersonation was just read from the books.
      if (principal.kind !== 'token') return;
      await refuseCut(principal, 0);
      if (people === null) return;
      const found = await people.find(principal.subject).catch((error: unknown) => {
        // A silent issuer must not keep anybody from stopping a station: the token's own five minutes hold.
        parts.onUnchecked?.(error);
        return 'unknown' as const;
      });
      if (found === 'unknown') return;
      if (found === null || !found.isEnabled) throw new ApiProblem('token-over');
      if (found.actsAsChosen === true) return;
      if (found.tenant !== principal.tenant || !principal.roles.every((role) => found.roles.includes(role))) throw new ApiProblem('token-over');
    },
  };
}
