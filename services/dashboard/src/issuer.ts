import * as oidc from 'openid-client';
import type { SignInAttempt, SignedIn } from './session-cookie.ts';

/** The issuer did not answer, or not as an issuer does. Not the fault of whoever signs in. */
export class IssuerUnavailable extends Error { override name = 'IssuerUnavailable'; }
/** The issuer answered and said no: the grant is over, or the code is not ours. */
export class SignInRefused extends Error { override name = 'SignInRefused'; }

export interface Issuer {
  authorizationUrl(attempt: SignInAttempt): Promise<URL>;
  /** Exchanges the code of the return URL. Throws SignInRefused or IssuerUnavailable. */
  exchange(returnUrl: URL, attempt: SignInAttempt): Promise<SignedIn>;
  /** Fresh tokens for a refresh token; throws SignInRefused when the issuer ended the session. */
  refresh(signedIn: SignedIn): Promise<SignedIn>;
  /** Where the browser goes so that the issuer ends its own session too; null when the issuer offers no such place or is away. */
  endSessionUrl(signedIn: SignedIn | null): Promise<URL | null>;
}

export interface IssuerOptions { issuer: string; clientId: string; clientSecret: string; redirectUri: string; afterSignOutUrl: string; scopes: string; lab: boolean }

/** OpenID Connect by authorization code and PKCE (RFC 6749 4.1, RFC 7636). The issuer's metadata is read at first need and again after a failure. */
export function createIssuer(options: IssuerOptions): Issuer {
  const url = new URL(options.issuer);
  if (url.protocol !== 'https:' && !options.lab) throw new Error('OIDC_ISSUER must be https outside lab mode');
  let discovered: Promise<oidc.Configuration> | null = null;

  function configuration(): Promise<oidc.Configuration> {
    discovered ??= oidc
      .discovery(url, options.clientId, {}, oidc.ClientSecretBasic(options.clientSecret), { execute: url.protocol === 'http:' ? [oidc.allowInsecureRequests] : [], timeout: 8 })
      .catch((error: unknown) => {
        discovered = null;
        throw new IssuerUnavailable(`the issuer at ${url.origin} does not answer`, { cause: error });
      });
    return discovered;
  }

  async function grant(exchange: (config: oidc.Configuration) => Promise<oidc.TokenEndpointResponse & oidc.TokenEndpointResponseHelpers>, before: SignedIn | null): Promise<SignedIn> {
    const config = await configuration();
    try {
      const tokens = await exchange(config);
      const claims = tokens.claims();
      return {
        subject: claims?.sub ?? before?.subject ?? '',
        accessToken: tokens.access_token,
        accessExpiresAtMs: Date.now() + (tokens.expiresIn() ?? 60) * 1_000,
        refreshToken: tokens.refresh_token ?? before?.refreshToken ?? null,
        idToken: tokens.id_token ?? before?.idToken ?? null,
      };
    } catch (error) {
      if (error instanceof oidc.ResponseBodyError || error instanceof oidc.AuthorizationResponseError) throw new SignInRefused(error.error, { cause: error });
      if (error instanceof oidc.ClientError && error.code !== 'OAUTH_TIMEOUT') throw new SignInRefused(error.code ?? 'invalid response', { cause: error });
      throw new IssuerUnavailable(`the issuer at ${url.origin} does not answer`, { cause: error });
    }
  }

  return {
    async authorizationUrl(attempt) {
      return oidc.buildAuthorizationUrl(await configuration(), {
        redirect_uri: options.redirectUri, scope: options.scopes, state: attempt.state, nonce: attempt.nonce,
        code_challenge: await oidc.calculatePKCECodeChallenge(attempt.codeVerifier), code_challenge_method: 'S256',
      });
    },
    exchange: (returnUrl, attempt) =>
      grant((config) => oidc.authorizationCodeGrant(config, returnUrl, { expectedState: attempt.state, expectedNonce: attempt.nonce, pkceCodeVerifier: attempt.codeVerifier, idTokenExpected: true }), null),
    refresh: (signedIn) => {
      const { refreshToken } = signedIn;
      if (refreshToken === null) return Promise.reject(new SignInRefused('no refresh token'));
      return grant((config) => oidc.refreshTokenGrant(config, refreshToken), signedIn);
    },
    async endSessionUrl(signedIn) {
      try {
        const config = await configuration();
        if (!config.serverMetadata().end_session_endpoint) return null;
        return oidc.buildEndSessionUrl(config, { post_logout_redirect_uri: options.afterSignOutUrl, ...(signedIn?.idToken ? { id_token_hint: signedIn.idToken } : {}) });
      } catch (error) {
        if (error instanceof IssuerUnavailable) return null;
        throw error;
      }
    },
  };
}

/** What openid-client needs to be unguessable for one attempt. */
export function newSignInAttempt(returnTo: string): SignInAttempt {
  return { state: oidc.randomState(), nonce: oidc.randomNonce(), codeVerifier: oidc.randomPKCECodeVerifier(), returnTo, startedAtMs: Date.now() };
}
