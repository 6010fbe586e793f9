import { makeSigningRequest } from '@csms/kit/x509/signing-request';
import { z } from 'zod';
import type { ConnectFailure, Link, Way } from '../link.ts';
import type { ClockPort } from '../ports.ts';
import type { Configuration } from '../station/configuration.ts';
import type { Tell } from '../station/event.ts';
import type { Notices } from '../station/notices.ts';
import type { SecurityEvents } from '../station/security-events.ts';
import type { Timers } from '../station/timers.ts';
import type { KeptValues } from '../storage/kept-values.ts';
import type { CertificateStore } from './certificate-store.ts';
import { isAuthorizationKey, passwordBytes } from './passwords.ts';
import { faultOfChain } from './station-certificate.ts';

/** What a charger is given to show who it is and to know whom it talks to. */
export interface LineOptions {
  identity: string;
  /** Address without the identity; of plain connections, or the only one. */
  url: string;
  /** Address of security profiles 2 and 3; `url` with wss: if it is not given. */
  secureUrl?: string;
  password?: string;
  /** PEM. `trustAnchors`: whom to trust, besides the roots that the CSMS installs; neither: the system's. */
  tls?: { trustAnchors?: string[]; certificate?: string; key?: string };
  /** 0 to 3; by the address and what is there, if it is not given. */
  securityProfile?: number;
}

export interface LineSecurityParts {
  kept: KeptValues;
  options: LineOptions;
  configuration: Pick<Configuration, 'text' | 'integer' | 'set'>;
  certificates: CertificateStore;
  clock: Pick<ClockPort, 'nowMs'>;
  timers: Pick<Timers, 'later'>;
  notices: Pick<Notices, 'put'>;
  securityEvents: Pick<SecurityEvents, 'raise'>;
  /** Writes down the configuration. */
  save: () => void;
  reconnect: Link['reconnect'];
  tell: Tell;
}

export interface LineSecurity {
  /** The way of the next attempt to connect. */
  way(): Way;
  /** The line stands: what was on trial holds. */
  opened(): void;
  failed(failure: ConnectFailure): void;
  /** ChangeConfiguration of AuthorizationKey: used from the next connection on, which is made soon. */
  changeKey(key: string): 'Accepted' | 'Rejected';
  /** ChangeConfiguration of SecurityProfile: only ever higher (security whitepaper, A05). */
  raiseProfile(profile: number): 'Accepted' | 'Rejected';
  /** Makes a key and asks for a certificate; false when the charger does not know its operator's name. */
  signCertificate(): boolean;
  /** CertificateSigned. */
  adopt(chainPem: string): 'Accepted' | 'Rejected';
  /** Roots without which there would be no line any more. */
  indispensableRoots(): string[];
}

const Kept = z.object({
  profile: z.number().int().min(0).max(3).optional(), keyPem: z.string().optional(), certificatePem: z.string().optional(), pendingKeyPem: z.string().optional(),
  /** The key before the present one, until that has connected. */
  previousKey: z.string().optional(),
});
const keptName = 'lineSecurity';
const answerFirstMs = 200;
/** So often a higher profile is tried before the charger goes back to the one that worked. */
const trialsMax = 3;

/** Which security profile, password and certificates the line uses, and how they change without locking the charger out. */
export function createLineSecurity(parts: LineSecurityParts): LineSecurity {
  const { kept, options, configuration, certificates, clock, timers, notices, securityEvents, save, reconnect, tell } = parts;
  let state = kept.read(keptName, Kept) ?? {};
  /** A profile, or a key, that has not connected yet. */
  let trial: { profile: number; failures: number } | undefined;
  let previousKey = state.previousKey === undefined ? undefined : { key: state.previousKey, isTried: false };
  let lastFailure: ConnectFailure | undefined;
  configuration.set('SecurityProfile', String(profileNow()));

  function keep(changed: Partial<z.infer<typeof Kept>>): void {
    state = { ...state, ...changed };
    kept.write(keptName, state);
  }

  function profileNow(): number {
    if (state.profile !== undefined) return state.profile;
    if (options.securityProfile !== undefined) return options.securityProfile;
    if (!options.url.startsWith('wss:')) return options.password === undefined ? 0 : 1;
    return options.password === undefined && options.tls?.certificate ? 3 : 2;
  }

  const keyText = (): string => configuration.text('AuthorizationKey');
  const ownCertificate = () => (state.certificatePem && state.keyPem ? { cert: state.certificatePem, key: state.keyPem } : { cert: options.tls?.certificate, key: options.tls?.key });
  const trusted = () => [...options.tls?.trustAnchors ?? [], ...certificates.roots('CentralSystemRootCertificate')];

  function soonAnew(): void {
    // The answer to the command goes out first.
    timers.later(answerFirstMs, () => void reconnect());
  }

  return {
    way() {
      const profile = trial?.profile ?? profileNow();
      const key = previousKey?.isTried ? previousKey.key : keyText();
      const password = key === '' ? options.password : passwordBytes(key);
      if (profile < 2) return { url: options.url, ...(profile === 1 && { password }) };
      const ca = trusted();
      return {
        url: options.secureUrl ?? options.url.replace(/^ws:/, 'wss:'),
        ...(profile === 2 && { password }),
        tls: { ...(ca.length > 0 && { ca }), ...(profile === 3 && ownCertificate()) },
      };
    },
    opened() {
      lastFailure = undefined;
      if (previousKey?.isTried) {
        // The new key was refused: the old one holds.
        configuration.set('AuthorizationKey', previousKey.key);
        save();
        tell({ kind: 'failed', what: 'AuthorizationKey', error: 'the CSMS does not know the new key; the old one is kept' });
      }
      if (previousKey) keep({ previousKey: undefined });
      previousKey = undefined;
      if (!trial) return;
      keep({ profile: trial.profile });
      configuration.set('SecurityProfile', String(trial.profile));
      trial = undefined;
      securityEvents.raise('ReconfigurationOfSecurityParameters', `security profile ${profileNow()}`);
    },
    failed(failure) {
      if (failure === 'unauthorized' && previousKey) previousKey.isTried = !previousKey.isTried;
      if (trial) {
        trial.failures += 1;
        if (trial.failures >= trialsMax) {
          tell({ kind: 'failed', what: 'SecurityProfile', error: `no connection by profile ${trial.profile}; back to ${profileNow()}` });
          trial = undefined;
        }
      }
      // Once for a row of equal failures.
      const event = failure === lastFailure ? undefined : eventOf[failure];
      lastFailure = failure;
      if (event) securityEvents.raise(event);
    },
    changeKey(key) {
      if (!isAuthorizationKey(key)) return 'Rejected';
      keep({ previousKey: keyText() });
      previousKey = { key: keyText(), isTried: false };
      configuration.set('AuthorizationKey', key);
      save();
      soonAnew();
      return 'Accepted';
    },
    raiseProfile(profile) {
      if (!(profile > profileNow()) || profile > 3) return 'Rejected';
      if (profile < 3 && keyText() === '' && options.password === undefined) return 'Rejected';
      if (profile >= 2 && trusted().length === 0) return 'Rejected';
      if (profile === 3 && !ownCertificate().cert) return 'Rejected';
      trial = { profile, failures: 0 };
      soonAnew();
      return 'Accepted';
    },
    signCertificate() {
      const organization = configuration.text('CpoName');
      if (organization === '') return false;
      void makeSigningRequest({ commonName: options.identity, organization }).then(({ csrPem, keyPem }) => {
        keep({ pendingKeyPem: keyPem });
        notices.put({ action: 'SignCertificate', params: { csr: csrPem } });
      }, (error: unknown) => tell({ kind: 'failed', what: 'SignCertificate', error: String(error) }));
      return true;
    },
    adopt(chainPem) {
      const fault = faultOfChain(chainPem, state.pendingKeyPem, {
        identity: options.identity, charsMax: configuration.integer('CertificateSignedMaxChainSize'), nowMs: clock.nowMs(),
      });
      if (fault) {
        securityEvents.raise('InvalidChargePointCertificate', fault);
        return 'Rejected';
      }
      keep({ certificatePem: chainPem, keyPem: state.pendingKeyPem, pendingKeyPem: undefined });
      if (profileNow() === 3) soonAnew();
      return 'Accepted';
    },
    indispensableRoots() {
      const present = trusted();
      return profileNow() >= 2 && present.length === 1 ? present : [];
    },
  };
}

const eventOf: { readonly [failure in ConnectFailure]: string | undefined } = {
  unauthorized: 'FailedToAuthenticateAtCentralSystem', 'server-certificate': 'InvalidCentralSystemCertificate',
  'tls-version': 'InvalidTLSVersion', 'tls-cipher': 'InvalidTLSCipherSuite', other: undefined,
};
