import type { Token } from '../connector/connector.ts';
import type { Dialect, TokenVerdict } from '../dialect/dialect.ts';
import type { Link } from '../link.ts';
import type { Configuration } from './configuration.ts';
import type { LocalList } from './local-list.ts';

export interface AuthorizationParts {
  /** The cards that were known when the station last ran. */
  known: { readonly [idToken: string]: TokenVerdict };
  configuration: Pick<Configuration, 'isOn'>;
  localList: Pick<LocalList, 'verdictOf'>;
  dialect: Pick<Dialect, 'authorize' | 'readAuthorize'>;
  link: Pick<Link, 'call'>;
  /** Connected, and the boot was accepted. */
  isReady: () => boolean;
  /** The CSMS said something else of a card than the local list does. */
  onListConflict: () => void;
}

export interface Authorization {
  /** Whether a card may charge: from the list, the cache, the CSMS, or the rules for a charger without a line. Never rejects. */
  authorize(token: Token): Promise<TokenVerdict>;
  /** Keeps what the CSMS said of a card. */
  remember(idToken: string | undefined, verdict: TokenVerdict | undefined): void;
  /** Forgets every card; false while there is no cache. */
  clear(): boolean;
  /** The known cards, to be kept on the disk; none while the cache is off. */
  cached(): { [idToken: string]: TokenVerdict };
}

/** Who may charge: the local list goes before the authorization cache (OCPP 1.6, 3.5). */
export function createAuthorization(parts: AuthorizationParts): Authorization {
  const { known, configuration, localList, dialect, link, isReady, onListConflict } = parts;
  const cache = new Map<string, TokenVerdict>(Object.entries(known));

  function remember(idToken: string | undefined, verdict: TokenVerdict | undefined): void {
    if (!idToken || !verdict || !configuration.isOn('AuthorizationCacheEnabled')) return;
    if (verdict.status === 'ConcurrentTx') return;
    // Bounded: the oldest entry makes room.
    if (cache.size >= 1_000) for (const oldest of [...cache.keys()].slice(0, 100)) cache.delete(oldest);
    cache.set(idToken, verdict);
  }

  return {
    async authorize(token) {
      const cached = configuration.isOn('AuthorizationCacheEnabled') ? cache.get(token.idToken) : undefined;
      const listed = localList.verdictOf(token.idToken);
      const local = listed ?? cached;
      if (local?.accepted && configuration.isOn('LocalPreAuthorize')) return local;
      if (isReady()) {
        const call = dialect.authorize(token);
        const outcome = await link.call(call.action, call.params);
        if (outcome.kind === 'answered') {
          const verdict = dialect.readAuthorize(outcome.answer);
          remember(token.idToken, verdict);
          if (listed && listed.status !== verdict.status && verdict.status !== 'ConcurrentTx') onListConflict();
          return verdict;
        }
      }
      if (local && configuration.isOn('LocalAuthorizeOffline')) return local;
      // A card that the list refuses is not an unknown one (1.6, 3.5.3).
      if (listed && !listed.accepted) return listed;
      const isAllowed = configuration.isOn('AllowOfflineTxForUnknownId');
      return { accepted: isAllowed, status: isAllowed ? 'Accepted' : 'Offline' };
    },
    remember,
    clear() {
      if (!configuration.isOn('AuthorizationCacheEnabled')) return false;
      cache.clear();
      return true;
    },
    cached: () => (configuration.isOn('AuthorizationCacheEnabled') ? Object.fromEntries(cache) : {}),
  };
}
