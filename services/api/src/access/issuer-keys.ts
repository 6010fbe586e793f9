import { createLocalJWKSet, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';

const Discovery = z.object({ issuer: z.string(), jwks_uri: z.url() });
const KeySet = z.object({ keys: z.array(z.looseObject({ kty: z.string(), kid: z.string().optional() })).min(1).max(100) });

export interface KeysInUse {
  find: JWTVerifyGetKey;
  /** Changes whenever a key came or went: what was verified under another set has to be verified again. */
  version: number;
}

export interface IssuerKeys {
  /** The keys as they are known, fetched when there are none; looks for newer ones behind the caller's back. Rejects while none can be had. */
  current(): Promise<KeysInUse>;
  /** Asked for a key that is in none of them: newer keys, or null where the issuer was asked a moment ago, or has no others. */
  newerThan(version: number): Promise<KeysInUse | null>;
}

/** How long keys are used before the issuer is asked whether they still are its keys. */
const freshMs = 45_000;
/** The issuer is asked for an unknown key at most this often, whoever asks. */
const unknownKeyEveryMs = 20_000;
const failedEveryMs = 1_000;
/** A silent issuer's keys are good for this long after it was last heard. */
const silentIssuerMs = 24 * 3_600_000;

/**
 * The keys of one issuer, from its discovery document (OpenID Connect Discovery 4) and its JWKS (RFC 7517). A key that it adds is seen at once, one
 * that it takes away within a minute; when it is silent its keys go on, and nobody can make us ask it in a storm.
 */
export function openIssuerKeys(options: { issuer: string; nowMs?: () => number; fetchJson?: (url: string) => Promise<unknown> }): IssuerKeys {
  const { issuer, nowMs = Date.now, fetchJson = ask } = options;
  let known: (KeysInUse & { text: string; heardAtMs: number }) | null = null;
  let asking: Promise<void> | null = null;
  let askedAtMs = -Infinity;
  let lastError: unknown = new Error('the issuer was not asked yet');

  async function read(): Promise<void> {
    const base = issuer.replace(/\/$/, '');
    const found = Discovery.parse(await fetchJson(`${base}/.well-known/openid-configuration`));
    if (found.issuer !== issuer) throw new Error(`the issuer calls itself ${found.issuer}`);
    const set = KeySet.parse(await fetchJson(found.jwks_uri));
    const text = JSON.stringify(set);
    if (known?.text === text) known.heardAtMs = nowMs();
    else known = { text, heardAtMs: nowMs(), version: (known?.version ?? 0) + 1, find: createLocalJWKSet(set) };
  }

  function look(): Promise<void> {
    if (asking) return asking;
    askedAtMs = nowMs();
    asking = read().catch((error: unknown) => { lastError = error; }).finally(() => { asking = null; });
    return asking;
  }

  return {
    async current() {
      if (known && nowMs() - known.heardAtMs > silentIssuerMs) known = null;
      if (!known) {
        if (asking || nowMs() - askedAtMs >= failedEveryMs) await look();
        if (!known) throw lastError;
      } else if (nowMs() - known.heardAtMs > freshMs && nowMs() - askedAtMs >= unknownKeyEveryMs) void look();
      return known;
    },
    async newerThan(version) {
      if (known?.version === version && (asking || nowMs() - askedAtMs >= unknownKeyEveryMs)) await look();
      return known && known.version !== version ? known : null;
    },
  };
}

async function ask(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(5_000), redirect: 'error' });
  if (!answer.ok) throw new Error(`${url} answered ${answer.status}`);
  return answer.json();
}
